/**
 * A host of another kind than ours: it keeps what it has to say as one text, and cuts that anew each time it connects, behind what the
 * server says it has received.
 */
import { type Cause, Effect } from "effect"
import { connectHost, delta, type SessionName, type TestHost } from "./TestHost.ts"

export interface RecuttingOptions {
  readonly address: string
  readonly text: string
  /** Lengths of the pieces, less one, taken in turn. A pair of surrogates may be torn. */
  readonly cuts: ReadonlyArray<number>
  /** Reports in one frame. */
  readonly perFrame: number
  /** A frame waits until what stands before the one before it is durable. Only for text of which nothing is held back. */
  readonly inStep?: boolean
  /** Runs before each frame. */
  readonly beforeFrame?: Effect.Effect<void>
}

/** Runs one turn, over as many connections as it takes. The result is where it went on, each time that it came back. */
export const recuttingHost = Effect.fnUntraced(function* (options: RecuttingOptions) {
  const { address, beforeFrame = Effect.void, cuts, inStep = false, perFrame, text } = options
  const wentOnAt: Array<number> = []
  let session: SessionName | undefined
  /** Where in the text the reports up to each number end: number 1 opens the step. */
  let ends = [0]
  let until = 0
  let through = 0
  let before = 0
  let isOpen = false
  let isOver = false
  let cut = 0

  /** The next report behind what was said; the turn's end stands for one character more. */
  const nextReport = (): Record<string, unknown> | undefined => {
    const at = ends.at(-1)!
    if (at > text.length) return undefined
    const end = at === text.length ? at + 1 : Math.min(text.length, at + 1 + cuts[cut++ % cuts.length]!)
    ends.push(end)
    return at === text.length ? { type: "turn.completed" } : delta(text.slice(at, end))
  }

  const say = Effect.fnUntraced(function* (host: TestHost) {
    while (isOpen && ends.at(-1)! <= text.length && ends.length <= until) {
      const first = ends.length
      const reports: Array<Record<string, unknown>> = []
      while (reports.length < perFrame && ends.length <= until) {
        const report = nextReport()
        if (report === undefined) break
        reports.push(report)
      }
      yield* beforeFrame
      host.report(session!, first, ...reports)
      if (inStep && through < before && ends.at(-1)! <= text.length) {
        ;({ through, until } = yield* host.until("ack", (ack) => ack.through >= before))
      }
      before = ends.length - 1
    }
  })

  const serve = (host: TestHost): Effect.Effect<void, Cause.Done> =>
    Effect.gen(function* () {
      while (!isOver) {
        const frame = yield* host.next
        if ("until" in frame) ({ through, until } = frame)
        switch (frame.type) {
          case "start":
            session = { sessionId: frame.sessionId, generation: frame.generation }
            ends = [0]
            break
          case "attached":
            ends = ends.slice(0, frame.received + 1)
            before = frame.received
            wentOnAt.push(frame.received)
            break
          case "step-opened":
            isOpen = true
            break
          case "ended":
          case "fenced":
            isOver = true
            return
          default:
        }
        if (session !== undefined && ends.length === 1) {
          isOpen = false
          ends.push(0)
          host.report(session, 1, { type: "step.open", model: null })
        }
        yield* say(host)
      }
    })

  const connection = Effect.gen(function* () {
    const sessions = session === undefined ? [] : [session]
    const host = yield* connectHost({ address, id: "recutting", sessions })
    yield* serve(host)
  }).pipe(Effect.scoped, Effect.ignore)

  while (!isOver) yield* connection
  return wentOnAt
})
