// A service in TypeScript: the engine in its process, with a runtime of its own. Type-checked, not run.
import { createServer } from "node:http"
import {
  createSpillway,
  defineRuntime,
  scripted,
  type Spillway,
  SpillwayError,
  text,
  type ThreadView,
  timeline,
  toolCall,
  toolResult,
  TurnFailed
} from "spillway"

/** Where a declaration does not resolve, everything is `any` and fits everything: this is what notices. */
type Known<T> = 0 extends 1 & T ? never : T

const gauge = defineRuntime({
  name: "gauge",
  async *run({ ask, nextStep, prompt, signal }) {
    yield text("Let me see. ")
    const { decision } = await ask({ kind: "approval", title: "Read the north gauge?" })
    if (decision === "deny") return yield text("Then I don't know.")
    yield toolCall({ toolCallId: "north", name: "read_gauge", input: { gauge: "north" } })
    const response = await fetch("http://localhost:8080/north", { signal })
    yield toolResult({ toolCallId: "north", result: await response.json() })
    await nextStep()
    return yield text(`You asked: ${prompt}.`)
  }
})

export const serve = async (database: string): Promise<void> => {
  const spillway: Known<Spillway> = await createSpillway({ database, runtimes: [gauge, scripted()] })
  // @ts-expect-error -- a database is named by its address or its directory
  await createSpillway({ database: 5432, runtimes: [gauge] })

  const server = createServer((_, response) => response.end())
  const unmount = spillway.mount(server, { path: "/agents" })
  const thread = await spillway.as({ tenant: "acme", actor: "ada" }).createThread({ title: "Gauges" })
  const turn = await thread.startTurn({ text: "How high is it?", mode: "streaming", ifBusy: "queue" })
  for await (const delta of turn.text()) process.stdout.write(delta.toUpperCase())
  try {
    const { status } = await turn.completed
    const view: Known<ThreadView> = await thread.view()
    console.log(status.toUpperCase(), timeline(view).length)
  } catch (error) {
    if (error instanceof TurnFailed) console.log(error.code, error.turn.turnId)
    else if (error instanceof SpillwayError && error.retryable) console.log(error.message)
  }
  for await (const event of thread.events({ after: 0, follow: false })) {
    if (event.type === "thread.turn-completed") console.log(event.version.toFixed(), event.data.turnId)
  }
  unmount()
  await spillway.close()
}
