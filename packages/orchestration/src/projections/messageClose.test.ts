/** What happens when a message closes: its text, the search, the preview and the counts, whichever way it closed. */
import { DEFAULT_TENANT, type Failure, type MessageClosing, ThreadId, TurnId } from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import { ReadModels } from "../ReadModels.ts"
import { recoveryOf } from "../recovery/reconcile.ts"
import { assertProjectionsEqualFold } from "../testing/assertProjectionsEqualFold.ts"
import * as c from "../testing/commands.ts"
import { readModelStack } from "../testing/readModelStack.ts"
import { ThreadLog } from "../testing/ThreadLog.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import type { ThreadState } from "../thread/ThreadState.ts"

const overloaded: Failure = { code: "Overloaded", message: "The provider is overloaded.", retryable: true }

interface Way {
  /** How the message closes. */
  readonly how: string
  readonly status: Exclude<MessageClosing, "discarded">
  readonly commands: (turn: string, state: ThreadState) => ReadonlyArray<ThreadCommand>
}

/** What a process does with what the one before it left behind. */
const recovered = (_: string, state: ThreadState): ReadonlyArray<ThreadCommand> => {
  const recovery = recoveryOf(state, { runsHere: false, outlives: false, isHistory: false })
  return recovery?.do === "commit" ? recovery.commands : []
}

const ways: ReadonlyArray<Way> = [
  { how: "it is complete", status: "completed", commands: (turn) => [c.closeMessage(c.messageOf(turn))] },
  {
    how: "its provider answers again from the beginning",
    status: "interrupted",
    commands: (turn) => [
      c.closeMessage(c.messageOf(turn), { status: "interrupted" }),
      c.openMessage(turn, 0, 1)
    ]
  },
  {
    how: "its provider fails",
    status: "error",
    commands: (turn) => [c.closeMessage(c.messageOf(turn), { status: "error", error: overloaded })]
  },
  { how: "its turn completes", status: "completed", commands: (turn) => [c.closeTurn(turn)] },
  {
    how: "its turn fails",
    status: "error",
    commands: (turn) => [c.closeTurn(turn, "failed", overloaded)]
  },
  {
    how: "its turn is interrupted",
    status: "interrupted",
    commands: (turn) => [c.interrupt(turn), c.closeTurn(turn, "interrupted")]
  },
  {
    how: "its turn is replaced by one that interrupts it",
    status: "interrupted",
    commands: (turn) => [
      c.start(`${turn}-next`, { ifBusy: "interrupt", role: "system" }),
      c.closeTurn(turn, "interrupted")
    ]
  },
  {
    how: "its session is lost, and the turn with it",
    status: "interrupted",
    commands: (turn) => [c.closeSession("lost"), c.closeTurn(turn, "interrupted")]
  },
  {
    how: "its session exits, and then the turn is interrupted",
    status: "interrupted",
    commands: (turn) => [c.closeSession("exited"), c.interrupt(turn)]
  },
  {
    how: "its turn parks after it was asked to stop",
    status: "interrupted",
    commands: (turn) => [c.interrupt(turn), c.closeSession("parked")]
  },
  { how: "a later process finds it open", status: "interrupted", commands: recovered }
]

const look = Effect.fnUntraced(function* (threadId: ThreadId, position: number) {
  const models = yield* ReadModels
  yield* models.waitFor(position)
  const { hits } = yield* models.search(DEFAULT_TENANT, { query: "walrus", threadId })
  const [summary] = yield* models.summaries(DEFAULT_TENANT, [threadId])
  const { messages } = (yield* models.messages(DEFAULT_TENANT, threadId))!
  return {
    hits: hits.map((hit) => hit.type === "message" && hit.messageId),
    preview: summary!.preview,
    count: summary!.messageCount,
    activity: summary!.activity,
    messages
  }
})

layer(readModelStack, { excludeTestServices: true })("a message's close", (it) => {
  for (const [i, { commands, how, status }] of ways.entries()) {
    it.effect(`V6 a message is found, previewed and counted from its close on, when ${how}`, () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const threadId = ThreadId.make(`v6-${i}`)
        const turn = `v6-${i}-turn`
        const message = c.messageOf(turn)
        const open = yield* log.run(threadId, ...c.running(turn), c.append(message, "The walrus "))
        const before = yield* look(threadId, open)
        expect(before).toMatchObject({ hits: [], preview: "hello", count: 2, activity: "working" })
        expect(before.messages[1]).toMatchObject({ status: "open", parts: [{ text: "The walrus " }] })

        const closed = yield* log.run(
          threadId,
          c.append(message, "sleeps.", { offset: 11 }),
          ...commands(turn, log.state(threadId))
        )
        const after = yield* look(threadId, closed)
        expect(after.hits).toEqual([message])
        expect(after.preview).toBe("The walrus sleeps.")
        expect(after.count).toBe(after.messages.length)
        expect(after.messages.find(({ messageId }) => messageId === message)).toMatchObject({
          status,
          parts: [{ text: "The walrus sleeps." }]
        })
        expect(after.activity).toBe(log.state(threadId).active === null ? "idle" : "working")
      })
    )
  }

  it.effect("V6 a message that stayed empty is discarded by every way: neither found nor counted", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      for (const [i, { commands, status }] of ways.entries()) {
        const threadId = ThreadId.make(`v6-empty-${i}`)
        const turn = `v6-empty-${i}-turn`
        yield* log.run(threadId, ...c.running(turn), c.append(c.messageOf(turn), " \n"))
        const closed = yield* log.run(threadId, ...commands(turn, log.state(threadId)))
        const { messages, ...after } = yield* look(threadId, closed)
        const [, answer] = messages
        // A provider's error is told of, also where it came before any word.
        if (status === "error") expect(answer).toMatchObject({ status: "error", error: overloaded })
        else expect(answer?.messageId).not.toBe(c.messageOf(turn))
        expect(after).toMatchObject({ hits: [], preview: "hello", count: messages.length })
      }
    })
  )

  it.effect("V6 a retry takes what was tried before out of search, preview, counts and messages", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const threadId = ThreadId.make("v6-retry")
      const [first, second] = [c.messageOf("first"), c.messageOf("second")]
      const failed = yield* log.run(
        threadId,
        ...c.running("first"),
        c.append(first, "A walrus that did not get far"),
        c.closeTurn("first", "failed", overloaded)
      )
      expect((yield* look(threadId, failed)).hits).toEqual([first])
      const retried = yield* log.run(threadId, c.retry("first", "second"))
      expect(yield* look(threadId, retried)).toMatchObject({
        hits: [],
        preview: "hello",
        count: 1,
        messages: [{ messageId: c.askOf("first"), turnId: "second" }]
      })
      const done = yield* log.run(
        threadId,
        c.claim("second", { generation: 2 }),
        c.openStep("second"),
        c.openMessage("second"),
        c.append(second, "Another walrus"),
        c.closeTurn("second")
      )
      expect(yield* look(threadId, done)).toMatchObject({
        hits: [second],
        preview: "Another walrus",
        count: 2
      })
      expect(
        (yield* (yield* ReadModels).search(DEFAULT_TENANT, { query: "hello", threadId })).hits
      ).toMatchObject([{ messageId: c.askOf("first"), turnId: "second" }])
    })
  )

  it.effect(
    "V6 a message that was to steer an attempt, and became a turn, is found and shown also when the attempt is retried",
    () =>
      Effect.gen(function* () {
        const log = yield* ThreadLog
        const threadId = ThreadId.make("v6-steer")
        yield* log.run(
          threadId,
          ...c.running("steered"),
          c.steer("steered", "left-over", { text: "mind the walrus" }),
          c.closeTurn("steered", "failed", overloaded)
        )
        const end = yield* log.run(threadId, c.closeTurn("left-over"), c.retry("steered", "again"))
        expect(yield* look(threadId, end)).toMatchObject({
          hits: [c.askOf("left-over")],
          messages: [{ messageId: c.askOf("left-over") }, { messageId: c.askOf("steered"), turnId: "again" }]
        })
      })
  )

  it.effect("V6 a deleted thread's messages are not found, nor one that its deletion closed", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const threadId = ThreadId.make("v6-deleted")
      const running = c.running("v6-deleted-turn")
      const message = c.messageOf("v6-deleted-turn")
      const end = yield* log.run(threadId, ...running, c.append(message, "walrus"), c.remove)
      const { hits, messages } = yield* look(threadId, end)
      expect(hits).toEqual([])
      expect(messages[1]).toMatchObject({ status: "interrupted", parts: [{ text: "walrus" }] })
    })
  )

  it.effect("V6 what changes nothing writes nothing: a second close, and what others of the turn do", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const sql = yield* SqlClient
      const threadId = ThreadId.make("v6-nothing")
      const turn = "v6-nothing-turn"
      const message = c.messageOf(turn)
      const closed = yield* log.run(
        threadId,
        ...c.running(turn),
        c.append(message, "walrus"),
        c.call(message, "call"),
        c.closeMessage(message)
      )
      const rows = sql`
        select 'message', xmin::text, ctid::text from message where thread_id = ${threadId}
        union all select 'part', xmin::text, ctid::text from message_part where thread_id = ${threadId}`
      yield* look(threadId, closed)
      const written = yield* rows
      expect(written).toHaveLength(4)

      expect(yield* log.run(threadId, c.closeMessage(message, { status: "interrupted" }))).toBe(closed)
      const end = yield* log.run(
        threadId,
        c.output("call", "printed"),
        c.closeCall("call"),
        c.record({ type: "notice", level: "info", text: "walrus" }),
        c.update({ title: "walrus" }),
        c.closeTurn(turn)
      )
      expect(end).toBeGreaterThan(closed)
      yield* look(threadId, end)
      expect(yield* rows).toEqual(written)
    })
  )

  it.effect("V6 a text that can't be searched harms neither its turn nor what else its close brings", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const models = yield* ReadModels
      const threadId = ThreadId.make("v6-poison")
      const turn = "v6-poison-turn"
      const message = c.messageOf(turn)
      // One word of more bytes than a word of the index may have, and behind it more than is searched.
      const poison = `${"я".repeat(SEARCHED)} walrus`
      const end = yield* log.run(
        threadId,
        ...c.running(turn),
        ...chunks(poison).map(([offset, text]) => c.append(message, text, { offset })),
        c.closeTurn(turn),
        c.start("v6-poison-next", { text: "the next walrus" })
      )
      const { messages, ...after } = yield* look(threadId, end)
      expect(after).toEqual({
        hits: [c.askOf("v6-poison-next")],
        preview: "the next walrus",
        count: 3,
        activity: "working"
      })
      expect(messages[1]).toMatchObject({
        status: "completed",
        turnId: TurnId.make(turn),
        parts: [{ text: poison }]
      })
      expect(yield* models.status).toMatchObject([{ failed: null }])
    })
  )

  it.effect("all of it equals the fold of the log", () => assertProjectionsEqualFold)
})

const SEARCHED = 100_000

/** As segments that an event can hold. */
const chunks = (text: string): ReadonlyArray<readonly [offset: number, text: string]> =>
  Array.from({ length: Math.ceil(text.length / 30_000) }, (_, i) => [
    i * 30_000,
    text.slice(i * 30_000, (i + 1) * 30_000)
  ])
