import { atOnce, type Scene, type Script } from "../Script.ts"

export const tools: Script = {
  name: "tools",
  about: "Three tool calls in one step, one of which fails, and an answer made of their results.",
  pace: atOnce,
  steps: [
    {
      beats: [
        { type: "reasoning", text: "Three independent questions: all three tools can be asked at once." },
        { type: "text", text: "I'll look at all three gauges." }
      ],
      calls: [
        {
          id: "north",
          name: "read_gauge",
          input: { gauge: "north" },
          prints: ["connecting…\n", "reading…\n"],
          ends: { status: "completed", result: { metres: 4.2 } }
        },
        {
          id: "south",
          name: "read_gauge",
          input: { gauge: "south" },
          ends: { status: "completed", result: { metres: 3.9 } }
        },
        {
          id: "tunnel",
          name: "read_gauge",
          input: { gauge: "tunnel" },
          prints: ["connecting…\n"],
          ends: {
            status: "error",
            error: { code: "GaugeOffline", message: "The tunnel's gauge does not answer." }
          }
        }
      ]
    },
    {
      beats: [
        {
          type: "text",
          text: (scene) =>
            `North: ${reading(scene, "north")}. South: ${reading(scene, "south")}. Tunnel: ${reading(scene, "tunnel")}`
        }
      ]
    }
  ]
}

const reading = ({ outcomes }: Scene, call: string): string => {
  const outcome = outcomes.get(call)
  if (outcome === undefined) return "unknown"
  return outcome.status === "completed" ? JSON.stringify(outcome.result) : outcome.error.message
}
