/** What real runtimes do, each by its name: on transcripts of our own always, and on recorded ones where they are. */
import { expect, layer } from "@effect/vitest"
import { DeliveryMode, type MessageView, type ThreadView, ToolCallId } from "@spillway/contracts"
import { Effect } from "effect"
import { createThread, eventsOf, layerTestIngestion, viewOf } from "./testing/TestIngestion.ts"
import { shownTurn } from "./testing/transcripts/ExpectedTurn.ts"
import * as ownAcp from "./testing/transcripts/own/acp.ts"
import { own } from "./testing/transcripts/own/all.ts"
import * as ownCodex from "./testing/transcripts/own/codex.ts"
import { beginTurn, playCues, playTurn } from "./testing/transcripts/play.ts"
import { expectNothingOpen, playRecording } from "./testing/transcripts/playRecording.ts"
import { type Protocol, protocols } from "./testing/transcripts/protocols.ts"
import type { Recording } from "./testing/transcripts/Recording.ts"
import { shared, sharedRecordings } from "./testing/transcripts/shared.ts"
import { type Line, translate } from "./testing/transcripts/Transcript.ts"

const said = (view: ThreadView): ReadonlyArray<MessageView> =>
  view.turns.flatMap((turn) => turn.messages).filter((message) => message.role === "assistant")

/** How each message closed, and its text. */
const closings = (view: ThreadView) =>
  said(view).map(({ parts, status }) => [
    status,
    parts.map((part) => (part.type === "text" ? part.text : "")).join("")
  ])

const activitiesOf = (view: ThreadView) => view.turns.flatMap((turn) => turn.activities)

const callsOf = (view: ThreadView) =>
  said(view)
    .flatMap((message) => message.parts)
    .flatMap((part) => (part.type === "tool-call" ? [part] : []))

const callOf = (view: ThreadView, id: string) =>
  callsOf(view).find((call) => call.toolCallId === ToolCallId.make(id))

/** The conversations of one bus, each played on a thread of its own, at the same time. */
const playBus = Effect.fnUntraced(function* (
  protocol: Protocol,
  lines: ReadonlyArray<Line>,
  sessions: ReadonlyArray<string>
) {
  const options = { mode: "streaming", runtime: protocol.runtime } as const
  const begun = yield* Effect.forEach(sessions, (session) =>
    Effect.gen(function* () {
      const [turn] = translate(protocol.translator({ connection: "bus", session }), lines)
      return { cues: turn!.cues, turn: yield* beginTurn(yield* createThread, turn!.prompt, options) }
    })
  )
  yield* Effect.forEach(begun, ({ cues, turn }) => playCues(turn, cues, options), {
    concurrency: "unbounded"
  })
  return yield* Effect.forEach(begun, ({ turn }) =>
    Effect.andThen(expectNothingOpen(turn.threadId), viewOf(turn.threadId))
  )
})

/** The lines of several transcripts as one bus would carry them, one of each in turn. */
const merged = (recordings: ReadonlyArray<Recording>): ReadonlyArray<Line> =>
  Array.from({ length: Math.max(0, ...recordings.map(({ lines }) => lines.length)) }, (_, index) =>
    recordings.flatMap(({ lines }) => lines.slice(index, index + 1))
  ).flat()

layer(layerTestIngestion, { excludeTestServices: true })("what real runtimes do", (it) => {
  it.effect("R1 a request with the id 0 is asked and answered, in each connection again", () =>
    Effect.gen(function* () {
      const { view } = yield* playRecording(own("codex/approvalZero"), { mode: "streaming" })
      expect(view.turns[0]!.requests).toMatchObject([
        { requestId: "a/0", status: "resolved", response: { type: "approval", decision: "approve" } }
      ])
      const threadId = yield* createThread
      for (const connection of ["first", "second"]) {
        const [turn] = translate(protocols.acp.translator({ connection }), ownAcp.permissionZero)
        yield* playTurn(threadId, turn!, { mode: "buffered", runtime: protocols.acp.runtime })
      }
      const { turns } = yield* viewOf(threadId)
      expect(
        turns.map(({ requests }) => requests.map(({ requestId, status }) => [requestId, status]))
      ).toEqual([[["first/0", "resolved"]], [["second/0", "resolved"]]])
      expect(turns.map(({ status }) => status)).toEqual(["completed", "completed"])
      yield* expectNothingOpen(threadId)
    })
  )

  it.effect(
    "R2 a retry that repeats its text under a new id closes what broke off, and shows the rest once",
    () =>
      Effect.gen(function* () {
        const codex = yield* playRecording(own("codex/retries"), { mode: "streaming" })
        expect(closings(codex.view)).toEqual([
          ["interrupted", "The answer is for"],
          // The second attempt broke off before its first word: its reservation was empty.
          ["discarded", ""],
          ["completed", "The answer is forty-two."]
        ])
        expect(codex.view.turns[0]!.steps).toHaveLength(1)
        expect(activitiesOf(codex.view).filter(({ type }) => type === "model-call-retried")).toHaveLength(2)

        const exhausted = yield* playRecording(own("codex/retriesExhausted"), { mode: "buffered" })
        expect(closings(exhausted.view)).toEqual([
          ["interrupted", "The answer "],
          ["error", "The ans"]
        ])

        const claude = yield* playRecording(own("claudeCode/retries"), { mode: "paragraph" })
        expect(closings(claude.view)).toEqual([
          ["interrupted", "The answer is for"],
          ["interrupted", "The ans"],
          ["completed", "The answer is forty-two."]
        ])

        const call = yield* playRecording(own("claudeCode/retriedCall"), { mode: "streaming" })
        expect(callsOf(call.view)).toMatchObject([
          { toolCallId: "toolu_1", input: { command: "one" }, result: "one" }
        ])
      })
  )

  it.effect("R3 a call is known whichever comes first: the request, the update, or the call itself", () =>
    Effect.gen(function* () {
      const { view } = yield* playRecording(own("acp/callsOutOfOrder"), { mode: "streaming" })
      expect(callsOf(view).map(({ status, toolCallId }) => [toolCallId, status])).toEqual([
        ["call_asked", "completed"],
        ["call_updated", "error"],
        ["call_refused", "denied"]
      ])
      expect(callOf(view, "call_updated")).toMatchObject({
        input: { command: "echo two" },
        result: { error: "no" }
      })
      expect(view.turns[0]!.requests).toMatchObject([
        { toolCallId: "call_asked", response: { decision: "approve" } },
        { toolCallId: "call_refused", response: { decision: "deny" } }
      ])
    })
  )

  it.effect("R4 a cut connection keeps the text so far, and an error without a finish ends the turn", () =>
    Effect.gen(function* () {
      for (const mode of DeliveryMode.literals) {
        const sdk = yield* playRecording(own("aiSdk/cut"), { mode })
        expect(closings(sdk.view)).toEqual([["error", "This stream will sto"]])
        expect(sdk.view.turns[0]).toMatchObject({ status: "failed", error: { code: "AI_APICallError" } })

        const acp = yield* playRecording(own("acp/cut"), { mode })
        expect(closings(acp.view)).toEqual([["error", "This will sto"]])
        expect(acp.view.turns[0]).toMatchObject({ status: "failed", error: { message: "terminated" } })

        const refused = yield* playRecording(own("aiSdk/httpError"), { mode })
        expect(closings(refused.view)).toEqual([["error", ""]])
        expect(refused.view.turns[0]).toMatchObject({ status: "failed", error: { code: "AI_RetryError" } })

        const codex = yield* playRecording(own("codex/httpError"), { mode })
        expect(said(codex.view)).toEqual([])
        expect(codex.view.turns[0]).toMatchObject({
          status: "failed",
          error: { message: "The provider answered 500." }
        })
      }
    })
  )

  it.effect("R5 ends may come late, early and twice: each message, call and turn ends once", () =>
    Effect.gen(function* () {
      const sdk = yield* playRecording(own("aiSdk/lateTextEnd"), { mode: "streaming" })
      expect(closings(sdk.view)).toEqual([
        ["completed", "Running it."],
        ["completed", "Done."]
      ])
      expect(said(sdk.view)[0]!.parts.map(({ type }) => type)).toEqual(["text", "tool-call"])

      const claude = yield* playRecording(own("claudeCode/wholeBeforeStop"), { mode: "streaming" })
      expect(closings(claude.view)).toEqual([
        ["completed", "Running both."],
        ["completed", "Neither ran."]
      ])
      expect(activitiesOf(claude.view).filter(({ type }) => type === "final-text-differs")).toEqual([])

      const { threadId, view } = yield* playRecording(own("codex/twoEnds"), { mode: "streaming" })
      expect(view.turns.map(({ status }) => status)).toEqual(["interrupted", "completed"])
      expect(closings(view)).toEqual([
        ["interrupted", "one, two, "],
        ["completed", "three, four"]
      ])
      expect(activitiesOf(view)).toContainEqual({ type: "foreign-turn-end", runtimeTurnId: "turn-1" })
      const ends = (yield* eventsOf(threadId)).filter(({ type }) =>
        /turn-(completed|interrupted|failed)$/.test(type)
      )
      expect(ends).toHaveLength(2)
    })
  )

  it.effect(
    "R6 a stream without an end, with broken lines, with answers inside answers and ids that rotate loses nothing",
    () =>
      Effect.gen(function* () {
        for (const mode of DeliveryMode.literals) {
          const stopped = yield* playRecording(own("acp/noEnd"), { mode })
          expect(closings(stopped.view)).toEqual([["interrupted", "Let me look."]])
          expect(callOf(stopped.view, "call_1")).toMatchObject({
            status: "error",
            error: { code: "Interrupted" }
          })

          const malformed = yield* playRecording(own("codex/malformed"), { mode })
          expect(closings(malformed.view)).toEqual([["completed", "before and after"]])
          expect(activitiesOf(malformed.view)).toContainEqual(
            expect.objectContaining({ type: "notice", level: "warning" })
          )

          const interleaved = yield* playRecording(own("codex/interleaved"), { mode })
          const inside = yield* playRecording(own("claudeCode/answerInsideAnswer"), { mode })
          for (const { view } of [interleaved, inside]) {
            expect(said(view)[0]!.parts).toMatchObject([
              { text: "first goes on" },
              { text: "second does too" }
            ])
            expect(activitiesOf(view).filter(({ type }) => type === "final-text-differs")).toEqual([])
          }

          const rotating = yield* playRecording(own("codex/rotatingIds"), { mode })
          expect(closings(rotating.view)).toEqual([["completed", "one text"]])
          const chunks = yield* playRecording(own("acp/rotatingIds"), { mode })
          expect(closings(chunks.view)).toEqual([["completed", "one text only"]])
        }
      })
  )

  it.effect(
    "R7 a refusal leaves no message to show, and a failed turn fails, though it is told as a success",
    () =>
      Effect.gen(function* () {
        for (const mode of DeliveryMode.literals) {
          const codex = yield* playRecording(own("codex/refusal"), { mode })
          expect(said(codex.view)).toEqual([])
          const sdk = yield* playRecording(own("aiSdk/refusal"), { mode })
          expect(closings(sdk.view)).toEqual([["discarded", ""]])
          expect(sdk.view.turns[0]).toMatchObject({ status: "completed", reason: "content-filter" })

          const claude = yield* playRecording(own("claudeCode/failedSuccess"), { mode })
          expect(claude.view.turns[0]).toMatchObject({
            status: "failed",
            error: { code: "server_error", message: "API Error: 500" }
          })
          // What it says of the error is the turn's error, and no message.
          expect(said(claude.view)).toEqual([])
        }
      })
  )

  it.effect("R8 one bus carries all sessions, and commands finish without any output delta", () =>
    Effect.gen(function* () {
      const codex = yield* playBus(protocols.codex, ownCodex.bus, ["here", "there"])
      expect(codex.map(closings)).toEqual([
        [
          ["completed", "Running here."],
          ["completed", "Done here."]
        ],
        [
          ["completed", "Starting there."],
          ["completed", "Done there."]
        ]
      ])
      expect(codex.map((view) => callsOf(view).map(({ output, result }) => ({ output, result })))).toEqual([
        [{ output: "", result: { output: "here\n", exitCode: 0 } }],
        [{ output: "", result: { output: "there\n", exitCode: 0 } }]
      ])

      const acp = yield* playBus(protocols.acp, ownAcp.bus, ["here", "there"])
      expect(acp.map(closings)).toEqual([
        [["completed", "I am here."]],
        [
          ["completed", "You are "],
          ["completed", "there."]
        ]
      ])
      expect(acp.map((view) => view.turns[0]!.reason)).toEqual(["refusal", "end_turn"])
      expect(acp.map((view) => callsOf(view).map(({ status }) => status))).toEqual([
        ["denied"],
        ["completed"]
      ])
    })
  )

  /** The recorded transcripts in which a behaviour is seen, and what shows that it is there. */
  const seen = {
    R1: shared(
      "codex-live/approval-accept",
      "codex-live/approval-decline",
      "codex-live/ask",
      "claude-agent-acp-live/approval-allow",
      "opencode-acp-live/approval-allow"
    ),
    R2: shared(
      "codex-live/cut",
      "codex-live/mid-error",
      "claude-code-live/cut",
      "claude-code-live/mid-error"
    ),
    R3: shared("gemini-live/approval-allow", "gemini-live/approval-reject", "gemini-live/slow-cancel"),
    R4: sharedRecordings.filter(({ name }) =>
      /ai-sdk-live.*\.(cut|http500|mid-error)|gemini-live\/cut/.test(name)
    ),
    R5: shared(
      "ai-sdk-live/openai-compatible.echo",
      "claude-code-live/parallel",
      "claude-code-live/interrupt"
    ),
    R6: shared("gemini-live/http500", "opencode-acp-live/cut", "opencode-acp-live/http500"),
    R7: shared("codex-live/refusal", "ai-sdk-live/openai-compatible.refusal", "claude-code-live/http500"),
    R8: shared("codex-live/echo", "codex-live/approval-accept", "codex-live/slow-output")
  }

  for (const [id, recordings] of Object.entries(seen)) {
    for (const recording of recordings) {
      it.effect(`${id} as recorded in ${recording.name}, in every mode`, () =>
        Effect.gen(function* () {
          for (const mode of DeliveryMode.literals) {
            const { view } = yield* playRecording(recording, { mode })
            const [turn] = view.turns
            if (id === "R1") expect(turn!.requests.map(({ requestId }) => requestId)).toEqual(["a/0"])
            if (id === "R2") expect(closings(view).map(([status]) => status)).toContain("interrupted")
            if (id === "R3") expect(turn!.requests[0]!.toolCallId).toBe(callsOf(view)[0]!.toolCallId)
            if (id === "R4" && !/mid-error/.test(recording.name)) expect(turn!.status).toBe("failed")
            if (id === "R6") expect(turn!.status).toBe("interrupted")
            if (id === "R7") expect(closings(view).filter(([, text]) => text !== "")).toEqual([])
          }
        })
      )
    }
  }

  if (seen.R8.length > 1) {
    it.effect("R8 recorded threads of Codex, merged into one bus, are told apart", () =>
      Effect.gen(function* () {
        const sessions = seen.R8.map(({ lines }) => threadOf(lines))
        const views = yield* playBus(protocols.codex, merged(seen.R8), sessions)
        expect(views.map((view) => view.turns.map(shownTurn))).toEqual(
          seen.R8.map(({ lines }) => protocols.codex.expect(lines))
        )
      })
    )
  }
})

/** The Codex thread that a transcript is about. */
const threadOf = (lines: ReadonlyArray<Line>): string =>
  lines
    .map(({ message }) => (message as { params?: { threadId?: string } }).params?.threadId)
    .find((threadId) => threadId !== undefined)!
