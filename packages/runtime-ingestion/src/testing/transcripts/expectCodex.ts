import type { ToolCallClosing } from "@spillway/contracts"
import { type Expect, type ExpectedTurn, joined, turnsOf } from "./ExpectedTurn.ts"
import type { Line } from "./Transcript.ts"

interface Item {
  readonly id: string
  readonly type: string
  readonly text?: string
  readonly summary?: ReadonlyArray<string>
  readonly status?: string
  readonly aggregatedOutput?: string | null
  readonly exitCode?: number | null
}

interface Message {
  readonly id?: number
  readonly method?: string
  readonly params?: {
    readonly itemId?: string
    readonly delta?: string
    readonly item?: Item
    readonly willRetry?: boolean
    readonly turn?: { readonly id: string; readonly status: string }
  }
  readonly result?: { readonly answers?: Record<string, { readonly answers: ReadonlyArray<string> }> }
}

const kinds: Record<string, string> = {
  agentMessage: "text",
  reasoning: "reasoning",
  commandExecution: "call"
}
const statuses: Record<string, ToolCallClosing> = { completed: "completed", declined: "denied" }

/** Items complete with all of their text; one that never completes is the deltas it had. */
export const expectCodex: Expect = (lines) =>
  turnsOf(
    lines,
    ({ from, message }) => from === "client" && (message as Message).method === "turn/start"
  ).map(expectTurn)

const expectTurn = (lines: ReadonlyArray<Line>): ExpectedTurn => {
  const messages = lines.flatMap(({ from, message }) =>
    from === "agent" && typeof message !== "string" ? [message as Message] : []
  )
  const answers = lines.flatMap(({ from, message }) => (from === "client" ? [message as Message] : []))
  const started = messages.flatMap(({ method, params }) => (method === "item/started" ? [params!.item!] : []))
  const completed = new Map(
    messages.flatMap(({ method, params }) =>
      method === "item/completed" ? [[params!.item!.id, params!.item!]] : []
    )
  )
  const deltas = (id: string) =>
    messages.flatMap(({ params }) => (params?.itemId === id ? [params.delta ?? ""] : [])).join("")
  const questions = messages.flatMap(({ id, method, params }) =>
    method === "item/tool/requestUserInput" ? [{ id: params!.itemId!, type: "question", request: id! }] : []
  )
  const asked = messages.filter(({ id, method }) => id !== undefined && method !== undefined)
  const turnId = messages.find(({ method }) => method === "turn/started")?.params?.turn?.id
  const end = messages.find(
    ({ method, params }) => method === "turn/completed" && params?.turn?.id === turnId
  )
  const status = end?.params?.turn?.status
  const outcome = status === "completed" || status === "failed" ? status : "interrupted"

  const textOf = (item: Item): string => {
    const whole = completed.get(item.id)
    return whole?.text ?? whole?.summary?.join("") ?? deltas(item.id)
  }
  /** Where in the transcript an item is first spoken of. */
  const placeOf = (id: string) =>
    messages.findIndex(({ params }) => params?.item?.id === id || params?.itemId === id)
  const retryPlaces = messages.flatMap(({ params }, place) => (params?.willRetry === true ? [place] : []))

  return {
    outcome,
    said: joined(
      [...started.filter((item) => kinds[item.type] !== undefined), ...questions]
        .sort((a, b) => placeOf(a.id) - placeOf(b.id))
        .map((item) => {
          const kind = kinds[item.type] ?? "call"
          return [kind, kind === "call" ? item.id : textOf(item)] as const
        })
    ),
    broken: started
      .filter((item) => item.type === "agentMessage" && !completed.has(item.id) && deltas(item.id) !== "")
      .map((item) => ({
        status:
          retryPlaces.some((place) => place > placeOf(item.id)) || outcome !== "failed"
            ? "interrupted"
            : "error",
        text: deltas(item.id)
      })),
    calls: [
      ...started
        .filter((item) => item.type === "commandExecution")
        .map(({ id }) => {
          const whole = completed.get(id)
          return {
            id,
            status: statuses[whole?.status ?? ""] ?? ("error" as const),
            result: whole && { output: whole.aggregatedOutput ?? null, exitCode: whole.exitCode ?? null },
            output: deltas(id)
          }
        }),
      ...questions.map(({ id, request }) => ({
        id,
        status: "completed" as const,
        result: Object.fromEntries(
          Object.entries(answers.find((answer) => answer.id === request)?.result?.answers ?? {}).map(
            ([question, { answers }]) => [question, answers.join(", ")]
          )
        ),
        output: ""
      }))
    ],
    requests: asked.map(({ id }) =>
      answers.some((answer) => answer.id === id && answer.method === undefined) ? "resolved" : "withdrawn"
    )
  }
}
