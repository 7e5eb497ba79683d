import {
  type ClientCommand,
  type ClientCommandOf,
  type ClientCommandType,
  CommandId,
  emptyThreadView,
  foldThread,
  MessageId,
  type ThreadView,
  TurnId
} from "@spillway/contracts"
import {
  arbitraryThread,
  askOf,
  begun,
  created,
  ended,
  logged,
  sent,
  started,
  threadId
} from "@spillway/contracts/testing"
import { decide, emptyThreadState, evolve, type ThreadState } from "@spillway/orchestration"
import { Result } from "effect"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { PendingCommand } from "./PendingCommand.ts"
import { predicted } from "./predict.ts"

const command = <T extends ClientCommandType>(
  type: T,
  fields: Omit<ClientCommandOf<T>, "type" | "commandId" | "threadId">
): ClientCommand =>
  ({ type, commandId: CommandId.make("command"), threadId, ...fields }) as unknown as ClientCommand

const pending = (command: ClientCommand, but: Partial<PendingCommand> = {}): PendingCommand => ({
  commandId: command.commandId,
  command,
  at: "2026-11-20T00:00:00.000Z",
  status: "sending",
  reason: null,
  ...but
})

const turnId = TurnId.make("new")
const messageId = MessageId.make("new/ask")

/** A command that a person might give who sees this. */
const arbitraryCommand = (view: ThreadView): fc.Arbitrary<ClientCommand> => {
  const turnIds = view.turns.map((turn) => turn.turnId)
  const requests = view.turns.flatMap((turn) => turn.requests)
  const start = fc
    .record({
      ifBusy: fc.constantFrom("queue", "interrupt", "steer", "reject"),
      role: fc.constantFrom("user", "system"),
      assistantDeliveryMode: fc.constantFrom("streaming", "buffered")
    })
    .map((fields) => command("thread.turn.start", { turnId, messageId, text: "new", ...fields }))
  const steer = { turnId: view.activeTurnId ?? turnId, messageId, nextTurnId: turnId, text: "new" }
  return fc.oneof(
    start,
    fc.constant(command("thread.turn.steer", steer)),
    fc.constantFrom("thread.archive", "thread.unarchive").map((type) => command(type, {})),
    fc.constant(command("thread.update", { title: "new" })),
    ...(turnIds.length === 0
      ? []
      : [
          fc.constantFrom(...turnIds).map((turnId) => command("thread.turn.interrupt", { turnId })),
          fc.constantFrom(...turnIds).map((retryOf) => command("thread.turn.retry", { turnId, retryOf }))
        ]),
    ...requests.map(({ requestId }) =>
      fc.constant(
        command("thread.request.respond", { requestId, response: { type: "approval", decision: "deny" } })
      )
    )
  )
}

/** What only the server decides: whether a runtime takes a steer, and that a turn which no runtime has ends at once. */
const isForeseeable = ({ active }: ThreadState, command: ClientCommand): boolean => {
  if (active === null) return true
  const steers = command.type === "thread.turn.steer" || ("ifBusy" in command && command.ifBusy === "steer")
  const canSteer = active.session?.canSteer === true && !active.interruptRequested
  if (steers) return command.type === "thread.turn.steer" ? canSteer : !canSteer
  const interrupts =
    command.type === "thread.turn.interrupt" || ("ifBusy" in command && command.ifBusy === "interrupt")
  return !interrupts || active.session !== null
}

/** Without what the server stamps on it. */
const unstamped = (view: ThreadView): unknown => {
  const stamps = new Set([
    "version",
    "updatedAt",
    "actor",
    "requestedAt",
    "startedAt",
    "endedAt",
    "openedAt",
    "closedAt"
  ])
  const known = new Map<number, string>()
  return JSON.parse(
    JSON.stringify(view, (key, value: unknown) => {
      if (key === "placedAtVersion" || key === "openedAtVersion") {
        if (typeof value !== "number" || value <= view.version) return value
        if (!known.has(value)) known.set(value, `new ${known.size}`)
        return "new"
      }
      return stamps.has(key) ? (value === null ? null : "stamped") : value
    })
  )
}

describe("what is predicted of a pending command", () => {
  it("is what the server makes of it", () => {
    let accepted = 0
    fc.assert(
      fc.property(arbitraryThread, fc.nat(), fc.context(), fc.gen(), (history, length, context, gen) => {
        const events = logged(history.slice(0, 1 + (length % history.length)))
        const view = foldThread(emptyThreadView(threadId), events)
        const asked = gen(arbitraryCommand, view)
        context.log(JSON.stringify(asked))
        const state = events.reduce(evolve, emptyThreadState(events[0]!.tenant, threadId))
        const decision = decide(state, asked)
        if (Result.isFailure(decision) || !isForeseeable(state, asked)) return
        accepted += 1
        const decided = foldThread(view, logged(decision.success, view.version))
        const foreseen = predicted(view, [pending(asked)])
        expect(foreseen.version).toBe(view.version)
        expect(unstamped({ ...foreseen, version: view.version })).toEqual(
          unstamped({ ...decided, version: view.version })
        )
        // Told of it, nothing is predicted any more.
        if (
          asked.type !== "thread.update" &&
          asked.type !== "thread.archive" &&
          asked.type !== "thread.unarchive"
        ) {
          expect(predicted(decided, [pending(asked)])).toBe(decided)
        }
      }),
      { numRuns: 1_500 }
    )
    expect(accepted).toBeGreaterThan(300)
  })

  it("is nothing where nothing is pending, and leaves the view that it is laid over", () => {
    const view = foldThread(emptyThreadView(threadId), logged([created, ...begun("t1")]))
    const before = structuredClone(view)
    expect(predicted(view, [])).toBe(view)
    const later = predicted(view, [
      pending(command("thread.turn.start", { turnId, messageId, text: "new" })),
      pending(command("thread.turn.interrupt", { turnId: TurnId.make("t1") }))
    ])
    expect(later.turns).toHaveLength(2)
    expect(view).toEqual(before)
  })

  it("stands behind everything that is known, what was turned down last of all", () => {
    const view = foldThread(emptyThreadView(threadId), logged([created, ...begun("t1"), ended("t1")]))
    const reason = { code: "TurnAlreadyActive", message: "Wait." }
    const start = (name: string) =>
      command("thread.turn.start", { turnId: TurnId.make(name), messageId: askOf(name), text: name })
    const shown = predicted(view, [pending(start("a"), { status: "rejected", reason }), pending(start("b"))])
    expect(shown.turns.map((turn) => [turn.turnId, turn.status])).toEqual([
      ["t1", "completed"],
      ["b", "active"],
      ["a", "failed"]
    ])
  })

  it("fills in what is missing of a commit that arrived in part", () => {
    const view = foldThread(emptyThreadView(threadId), logged([created]))
    const start = command("thread.turn.start", {
      turnId: TurnId.make("t1"),
      messageId: askOf("t1"),
      text: "ask t1"
    })
    const [requested] = begun("t1")
    const whole = predicted(view, [pending(start)])
    const partial = predicted(foldThread(view, logged([requested!], 1)), [pending(start)])
    expect(unstamped({ ...partial, version: 1 })).toEqual(unstamped(whole))
    const almost = foldThread(view, logged([requested!, sent("t1")], 1))
    expect(predicted(almost, [pending(start)]).activeTurnId).toBe("t1")
    const all = foldThread(almost, logged([started("t1")], 3))
    expect(predicted(all, [pending(start)])).toBe(all)
  })
})
