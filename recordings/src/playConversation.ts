/** Plays one conversation as real turns of a client, and compares what everybody saw with what the oracle saw. */
import { isDeepStrictEqual } from "node:util"
import {
  CommandId,
  DEFAULT_TENANT,
  type DeliveryMode,
  emptyThreadView,
  foldThread,
  type LoggedEvent,
  MessageId,
  type RequestView,
  ThreadId,
  type ThreadView,
  TurnId
} from "@spillway/contracts"
import { EventLog, Publisher, ReadModels } from "@spillway/orchestration"
import { Effect } from "effect"
import { type Faults } from "./breaks.ts"
import { compare, type Mismatch } from "./compare.ts"
import type { ObservedConversation } from "./ObservedConversation.ts"
import { observeThread } from "./observeThread.ts"
import type { Conversation } from "./RecordingIndex.ts"
import type { Cuts } from "./recut.ts"
import type { ReplayRuntime } from "./replayRuntime.ts"
import { type Replay, ReplayServer } from "./ReplayServer.ts"
import { ANSWER_LIMIT, connectThreadClient, type Shown, type ThreadClient } from "./ThreadClient.ts"

export interface PlayOptions {
  readonly conversation: Conversation
  readonly oracle: ObservedConversation
  /** Names the thread; used once. */
  readonly name: string
  readonly mode: DeliveryMode
  readonly cuts: Cuts
  readonly url: string
  readonly runtime: ReplayRuntime
  readonly faults: Faults
  /** A turn that has not ended after so many milliseconds is stuck, and the rest of its conversation is not played. */
  readonly turnLimit: number
}

/** How turns ended: their status, or `stuck`. */
export type TurnEnding = "completed" | "failed" | "interrupted" | "stuck"

export interface Played {
  readonly id: string
  readonly endings: ReadonlyArray<TurnEnding>
  /** What the client saw at the end. */
  readonly seen: ObservedConversation
  readonly mismatches: ReadonlyArray<Mismatch>
  readonly liveFrames: number
}

export const playConversation = Effect.fnUntraced(function* (options: PlayOptions) {
  const { conversation, faults, oracle, url } = options
  const server = yield* ReplayServer
  const threadId = ThreadId.make(options.name)
  const replay = yield* server.play(conversation, options.cuts)
  options.runtime.assign(threadId, conversation, replay, faults.runtime)
  const client = yield* connectThreadClient({ url, threadId, receive: faults.clientEvents })
  yield* client.command({ type: "thread.create", commandId: commandId(threadId, "create"), threadId })
  yield* client.watch

  const endings: Array<TurnEnding> = []
  while (replay.served < conversation.calls.length) {
    const { served } = replay
    const turnId = TurnId.make(`${threadId}.${endings.length}`)
    const ending = yield* playTurn(client, threadId, turnId, options, replay)
    endings.push(ending)
    // A turn that asked for no answer would be followed by others like it, for ever.
    if (ending === "stuck" || replay.served === served) break
  }

  const seen = client.view()
  const logged = foldThread(emptyThreadView(threadId), faults.log(yield* readLog(threadId)))
  const stored = faults.readModel(yield* readModel(threadId))
  const mismatches = [
    ...observe("client", oracle, seen),
    ...observe("read model", oracle, stored),
    ...observe("log", oracle, logged),
    ...sameViews("client and log", oracle.id, seen, logged),
    ...sameViews("read model and log", oracle.id, stored, logged),
    ...liveMismatches(oracle.id, seen, client.shown()),
    ...replayMismatches(oracle.id, replay, conversation)
  ]
  return {
    id: oracle.id,
    endings,
    seen: observeThread(oracle.id, seen),
    mismatches,
    liveFrames: client.liveFrames()
  } satisfies Played
}, Effect.scoped)

const commandId = (threadId: ThreadId, what: string) => CommandId.make(`${threadId}.${what}`)

/** A turn of as many steps as there are answers left. Whatever its provider asks a person is allowed. */
const playTurn = Effect.fnUntraced(function* (
  client: ThreadClient,
  threadId: ThreadId,
  turnId: TurnId,
  { conversation, mode, turnLimit }: PlayOptions,
  replay: Replay
) {
  yield* client.command({
    type: "thread.turn.start",
    commandId: commandId(threadId, `start.${turnId}`),
    threadId,
    turnId,
    messageId: MessageId.make(`${turnId}.message`),
    text: "Go on.",
    assistantDeliveryMode: mode,
    choice: { runtime: "ai-sdk", options: { maxSteps: conversation.calls.length - replay.served } },
    ifBusy: "reject"
  })
  const answered = new Set<string>()
  const run = Effect.gen(function* () {
    while (true) {
      const view = yield* client.until(
        (view) => endingOf(view, turnId) !== undefined || pendingIn(view, turnId, answered).length > 0
      )
      const ending = endingOf(view, turnId)
      if (ending !== undefined) return ending
      for (const { requestId } of pendingIn(view, turnId, answered)) {
        answered.add(requestId)
        yield* client.command({
          type: "thread.request.respond",
          commandId: commandId(threadId, `respond.${turnId}.${answered.size}`),
          threadId,
          requestId,
          response: { type: "approval", decision: "approve" }
        })
      }
    }
  })
  return yield* Effect.timeoutOrElse(run, {
    duration: turnLimit,
    orElse: () =>
      Effect.as(
        // It may have ended at this very moment; it was late all the same.
        Effect.ignore(
          client.command({
            type: "thread.turn.interrupt",
            commandId: commandId(threadId, `interrupt.${turnId}`),
            threadId,
            turnId
          })
        ),
        "stuck" as const
      )
  })
})

const turnOf = (view: ThreadView, turnId: TurnId) => view.turns.findLast((turn) => turn.turnId === turnId)

const endingOf = (view: ThreadView, turnId: TurnId): TurnEnding | undefined => {
  const status = turnOf(view, turnId)?.status
  return status === "completed" || status === "failed" || status === "interrupted" ? status : undefined
}

const pendingIn = (
  view: ThreadView,
  turnId: TurnId,
  answered: ReadonlySet<string>
): ReadonlyArray<RequestView> =>
  turnOf(view, turnId)?.requests.filter(
    ({ requestId, status }) => status === "pending" && !answered.has(requestId)
  ) ?? []

const readLog = Effect.fnUntraced(function* (threadId: ThreadId) {
  const log = yield* EventLog
  const events: Array<LoggedEvent> = []
  while (true) {
    const afterVersion = events.at(-1)?.version ?? 0
    const page = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion, limit: 5_000 })
    if (page.length === 0) return events
    events.push(...page)
  }
})

const readModel = Effect.fnUntraced(function* (threadId: ThreadId) {
  const readModels = yield* ReadModels
  yield* Effect.timeout(readModels.waitFor((yield* Publisher).head()), ANSWER_LIMIT)
  const snapshot = yield* readModels.thread(DEFAULT_TENANT, threadId, { turns: Number.MAX_SAFE_INTEGER })
  return snapshot?.view ?? emptyThreadView(threadId)
})

const observe = (who: string, oracle: ObservedConversation, view: ThreadView): ReadonlyArray<Mismatch> =>
  compare(oracle, observeThread(oracle.id, view)).map((mismatch) => ({
    ...mismatch,
    at: `${who}: ${mismatch.at}`
  }))

/** All that a view holds, also what the oracle knows nothing of. */
const sameViews = (
  who: string,
  conversation: string,
  a: ThreadView,
  b: ThreadView
): ReadonlyArray<Mismatch> =>
  isDeepStrictEqual(a, b)
    ? []
    : [{ conversation, at: `${who}: the whole view`, expected: "equal views", actual: "different views" }]

/** What was shown live must be how the text begins. */
const liveMismatches = (
  conversation: string,
  view: ThreadView,
  shown: ReadonlyArray<Shown>
): ReadonlyArray<Mismatch> => {
  const texts = new Map<string, string>(
    view.turns.flatMap(({ messages }) =>
      messages.flatMap(({ messageId, parts }) =>
        parts.flatMap((part) =>
          part.type === "tool-call" ? [] : [[`${messageId} ${part.partId}`, part.text] as const]
        )
      )
    )
  )
  return shown.flatMap(({ messageId, partId, text }) => {
    const final = texts.get(`${messageId} ${partId}`) ?? ""
    return final.startsWith(text) || text.trim() === ""
      ? []
      : [
          {
            conversation,
            at: `live text of ${messageId}`,
            expected: final.slice(-60),
            actual: text.slice(-60)
          }
        ]
  })
}

/** The provider's side: every answer was asked for, and nothing else. */
const replayMismatches = (
  id: string,
  { misdirected, past, served }: Replay,
  { calls }: Conversation
): ReadonlyArray<Mismatch> => {
  const expected = { served: calls.length, past: 0, misdirected: 0 }
  const actual = { served, past, misdirected }
  return isDeepStrictEqual(expected, actual)
    ? []
    : [
        {
          conversation: id,
          at: "model calls",
          expected: JSON.stringify(expected),
          actual: JSON.stringify(actual)
        }
      ]
}
