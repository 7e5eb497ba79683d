import { describe, expect, it } from "@effect/vitest"
import type { IfBusy, Receipt, ThreadEvent } from "@spillway/contracts"
import { DEFAULT_TENANT } from "@spillway/contracts"
import { EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import { createThread, newThreadId, startTurn } from "../../testing/commands.ts"
import type { TestClient } from "../../testing/TestClient.ts"
import { testRuntime } from "../../testing/TestRuntime.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"

const dispatch = (client: TestClient, command: object) =>
  client.send({ type: "command", command }).pipe(
    Effect.andThen(client.expect("receipt")),
    Effect.map((frame): Receipt => frame.receipt)
  )

const eventsAfter = Effect.fnUntraced(function* (
  threadId: ReturnType<typeof newThreadId>,
  afterVersion: number
) {
  const log = yield* EventLog
  const events = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion, limit: 100 })
  return events.map((event): ThreadEvent["type"] => event.type)
})

/** A thread with a turn that runs. */
const busyThread = Effect.fnUntraced(function* (client: TestClient) {
  const threadId = newThreadId()
  const active = startTurn(threadId)
  yield* dispatch(client, createThread(threadId))
  yield* dispatch(client, active)
  const version = yield* (yield* testRuntime(threadId, active.turnId)).begin
  return { threadId, active, version }
})

describe("commands on the websocket", () => {
  it.live("E1 the same command sent again, on any connection, gets the same receipt and has one effect", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const threadId = newThreadId()
      yield* dispatch(client, createThread(threadId))
      const start = startTurn(threadId)
      const first = yield* dispatch(client, start)
      expect(first).toMatchObject({ status: "accepted", version: 4 })
      expect(yield* dispatch(client, start)).toEqual(first)
      expect(yield* dispatch(yield* connectHere(), start)).toEqual(first)
      expect(yield* dispatch(client, { ...start, text: "something else" })).toMatchObject({
        status: "rejected",
        rejection: { _tag: "CommandIdConflict" }
      })
      expect(yield* eventsAfter(threadId, 4)).toEqual([])
    }).pipe(Effect.provide(layerTestServer()))
  )

  it.live("are done in the order in which one connection sends them, many at once", () =>
    Effect.gen(function* () {
      const client = yield* connectHere()
      const threadId = newThreadId()
      yield* client.send({ type: "command", command: createThread(threadId) })
      const starts = Array.from({ length: 200 }, () => startTurn(threadId))
      for (const command of starts) yield* client.send({ type: "command", command })
      const versions = new Map<string, number>()
      for (let i = 0; i < 201; i++) {
        const { receipt } = yield* client.expect("receipt")
        if (receipt.status === "accepted") versions.set(receipt.commandId, receipt.version)
      }
      const inOrder = starts.map(({ commandId }) => versions.get(commandId)!)
      expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b))
      expect(new Set(inOrder).size).toBe(200)
    }).pipe(Effect.provide(layerTestServer()))
  )

  const onBusy: Record<IfBusy, ReadonlyArray<ThreadEvent["type"]>> = {
    queue: ["thread.turn-start-requested", "thread.message-sent", "thread.turn-queued"],
    reject: [],
    interrupt: [
      "thread.turn-interrupt-requested",
      "thread.turn-start-requested",
      "thread.message-sent",
      "thread.turn-queued"
    ],
    steer: ["thread.message-sent", "thread.turn-steered"]
  }
  for (const ifBusy of ["queue", "reject", "interrupt", "steer"] as const) {
    it.live(`a busy thread under ifBusy ${ifBusy} answers with a receipt, and the connection goes on`, () =>
      Effect.gen(function* () {
        const client = yield* connectHere()
        const { active, threadId, version } = yield* busyThread(client)
        const receipt = yield* dispatch(client, startTurn(threadId, { ifBusy }))
        expect(new Set(yield* eventsAfter(threadId, version))).toEqual(new Set(onBusy[ifBusy]))
        if (ifBusy === "reject") {
          expect(receipt).toMatchObject({
            status: "rejected",
            rejection: { _tag: "TurnAlreadyActive", message: expect.stringContaining(active.turnId) }
          })
        } else expect(receipt.status).toBe("accepted")
        yield* client.send({ type: "ping" })
        yield* client.expect("pong")
      }).pipe(Effect.provide(layerTestServer()))
    )
  }

  it.live("A5 a client that leaves in mid-command, or in mid-turn, stops neither", () =>
    Effect.gen(function* () {
      const leaving = yield* connectHere()
      const { active, threadId, version } = yield* busyThread(leaving)
      const watching = yield* connectHere()
      yield* watching.send({
        type: "subscribe",
        id: "s",
        subscription: { to: "thread", threadId, from: { afterVersion: version } }
      })
      yield* watching.expect("caught-up")
      const queued = startTurn(threadId)
      // It goes away with the command on the wire, without waiting for the receipt.
      yield* leaving.send({ type: "command", command: queued })
      yield* Effect.sync(() => leaving.socket.close())
      const frames = yield* watching.until((frame) => frame.type === "events")
      expect(frames.at(-1)).toMatchObject({ events: [{ commandId: queued.commandId }, {}, {}] })
      yield* (yield* testRuntime(threadId, active.turnId)).append("on and on")
      const more = yield* watching.expect("events")
      expect(more.events.map((event) => event.type)).toEqual(["thread.message-segment-appended"])
    }).pipe(Effect.provide(layerTestServer()))
  )
})
