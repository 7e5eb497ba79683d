import { describe, expect, it } from "@effect/vitest"
import { emptyThreadView, foldThread, isTurnEnd, type ThreadView } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import type { ThreadsOptions } from "../Threads.ts"
import { CommandRejected, SpillwayError, TurnFailed, TurnInterrupted } from "../SpillwayError.ts"
import { all, embedded, firstOf, rejection } from "../testing/embedded.ts"

const script = (name: string, options: Record<string, number> = {}) => ({
  options: { script: name, ...options }
})

const assistantText = (view: ThreadView) =>
  view.turns
    .flatMap(({ messages }) => messages)
    .filter(({ role }) => role === "assistant")
    .flatMap(({ parts }) => parts.map((part) => (part.type === "text" ? part.text : "")))
    .join("")

describe("threads of an embedded Spillway", () => {
  it.live("a turn is started, and completes with what the assistant said", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread({ title: "First", metadata: { customer: 7 } })
      const turn = await thread.startTurn({
        text: "hello",
        ...script("stream", { deltas: 20 }),
        mode: "streaming"
      })
      const completed = await turn.completed
      expect(completed).toMatchObject({
        turnId: turn.turnId,
        status: "completed",
        assistantDeliveryMode: "streaming"
      })
      const view = await thread.view()
      expect(view).toMatchObject({ title: "First", metadata: { customer: 7 }, activeTurnId: null })
      expect(assistantText(view)).toBe(streamedText({ deltas: 20, deltaSize: 16 }))
      expect(view.turns).toEqual([completed])
      const { next, threads } = await spillway.threads()
      expect(threads).toMatchObject([
        { threadId: thread.threadId, title: "First", activity: "idle", turnCount: 1 }
      ])
      expect(next).toBeNull()
    })
  )

  it.live("T5 text and views show a turn as it is written, growing only, in every mode to the same end", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      for (const mode of ["streaming", "paragraph", "buffered"] as const) {
        const turn = await thread.startTurn({
          text: "go",
          mode,
          ...script("stream", { deltas: 60, intervalMs: 2 })
        })
        const views = (async () => {
          const lengths: Array<number> = []
          for await (const view of thread.views()) {
            const now = view.turns.find(({ turnId }) => turnId === turn.turnId)
            if (now === undefined) continue
            lengths.push(assistantText({ ...view, turns: [now] }).length)
            if (now.endedAt !== null) return lengths
          }
          throw new Error("the views ended")
        })()
        const pieces: Array<string> = []
        for await (const piece of turn.text()) pieces.push(piece)
        const whole = streamedText({ deltas: 60, deltaSize: 16 })
        expect(pieces.join("")).toBe(whole)
        const lengths = await views
        expect(lengths).toEqual([...lengths].sort((a, b) => a - b))
        expect(lengths.at(-1)).toBe(whole.length)
        if (mode === "streaming") expect(pieces.length).toBeGreaterThan(5)
        if (mode === "buffered") expect(pieces.length).toBe(1)
      }
    })
  )

  it.live("events follow a thread from any version, and their fold is the view", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      const followed = (async () => {
        const events = []
        for await (const event of thread.events()) {
          events.push(event)
          if (isTurnEnd(event)) return events
        }
        throw new Error("the events ended")
      })()
      const turn = await thread.startTurn({ text: "use tools", ...script("tools") })
      await turn.completed
      const events = await followed
      const view = await thread.view()
      expect(foldThread(emptyThreadView(view.threadId), events)).toEqual(view)
      const later = []
      for await (const event of thread.events({ after: 5, follow: false })) later.push(event)
      expect(later).toEqual(events.slice(5))
      for await (const event of thread.events({ after: view.version, follow: false }))
        throw new Error(event.type)

      const own = []
      for await (const event of turn.events()) own.push(event)
      expect(own).toEqual(events.filter(({ data }) => "turnId" in data && data.turnId === turn.turnId))
      expect(own.at(0)?.type).toBe("thread.turn-start-requested")
      expect(own.at(-1)?.type).toBe("thread.turn-completed")
      const logged = []
      for await (const event of spillway.log({ follow: false })) logged.push(event)
      expect(logged.map(({ position }) => position)).toEqual(logged.map((_, i) => i + 1))
      expect(logged.map(({ hash: _, position: __, ...event }) => event)).toEqual(events)
    })
  )

  it.live("a question to a person is answered through the thread, and the first answer wins", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      const turn = await thread.startTurn({ text: "may I?", ...script("approval") })
      const asking = await firstOf(thread.views(), (view) =>
        view.turns.some(({ requests }) => requests.some(({ status }) => status === "pending"))
      )
      const { requestId } = asking.turns[0]!.requests[0]!
      await thread.respond(requestId, { type: "approval", decision: "approve" })
      const again = await rejection(thread.respond(requestId, { type: "approval", decision: "deny" }))
      expect(again).toBeInstanceOf(CommandRejected)
      expect(again).toMatchObject({
        code: "RequestAlreadyResolved",
        retryable: false,
        name: "CommandRejected"
      })
      expect((await turn.completed).requests).toMatchObject([{ status: "resolved" }])
    })
  )

  it.live("a turn is interrupted and retried; what it threw holds the turn", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      const turn = await thread.startTurn({ text: "slowly", mode: "streaming", ...script("slow") })
      await firstOf(turn.text(), () => true)
      await turn.interrupt()
      const interrupted = await rejection(turn.completed)
      expect(interrupted).toBeInstanceOf(TurnInterrupted)
      expect(interrupted).toMatchObject({
        code: "TurnInterrupted",
        retryable: true,
        turn: { status: "interrupted" }
      })

      const failing = await thread.startTurn({ text: "fail", ...script("error") })
      const failed = await rejection(failing.completed)
      expect(failed).toBeInstanceOf(TurnFailed)
      expect(failed).toMatchObject({
        turn: { status: "failed", error: { code: (failed as TurnFailed).code } }
      })
      const retried = await failing.retry()
      await rejection(retried.completed)
      expect((await thread.view()).turns.at(-1)).toMatchObject({
        turnId: retried.turnId,
        retryOf: failing.turnId
      })
      expect(await rejection(failing.retry())).toMatchObject({ code: "TurnNotRetryable" })
    })
  )

  it.live("E1 a call with a commandId has one effect and the same result however often it is made", () =>
    embedded(async (spillway) => {
      const create = () => spillway.createThread({ commandId: "create-7", title: "once" })
      const [one, two] = await Promise.all([create(), create()])
      expect(two.threadId).toBe(one.threadId)
      const start = () => one.startTurn({ commandId: "start-7", text: "hello" })
      const turns = [await start(), await start()]
      expect(turns[1]!.turnId).toBe(turns[0]!.turnId)
      await Promise.all(turns.map(({ completed }) => completed))
      expect((await one.view()).turns).toHaveLength(1)
      expect(await rejection(one.startTurn({ commandId: "start-7", text: "another" }))).toMatchObject({
        code: "CommandIdConflict"
      })
      const named = await one.startTurn({ turnId: "my-turn", messageId: "my-message", text: "hello" })
      expect(await named.completed).toMatchObject({ turnId: "my-turn", messageId: "my-message" })
    })
  )

  it.live("a steered message belongs to the turn that takes it, a queued one to its own", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      const turn = await thread.startTurn({
        text: "slowly",
        mode: "streaming",
        ...script("slow", { deltas: 40, intervalMs: 20 })
      })
      await firstOf(turn.text(), () => true)
      const steered = await thread.startTurn({ text: "and quickly", ifBusy: "steer" })
      expect(steered.turnId).toBe(turn.turnId)
      const queued = await thread.startTurn({ text: "afterwards", ifBusy: "queue" })
      expect(queued.turnId).not.toBe(turn.turnId)
      expect(await rejection(thread.startTurn({ text: "now", ifBusy: "reject" }))).toMatchObject({
        code: "TurnAlreadyActive"
      })
      const [ended, next] = await Promise.all([steered.completed, queued.completed])
      expect(ended.endedAt! <= next.startedAt!).toBe(true)
    })
  )

  it.live("threads belong to a tenant, and events name who asked and why", () =>
    embedded(
      async (spillway) => {
        const ada = spillway.as({ tenant: "acme", actor: "ada" }).as({ correlationId: "ticket-9" })
        const thread = await ada.createThread({ title: "theirs" })
        await (
          await thread.startTurn({ text: "hello" })
        ).completed
        expect((await ada.threads()).threads).toHaveLength(1)
        expect((await spillway.threads()).threads).toHaveLength(0)
        expect(await rejection(spillway.thread(thread.threadId).view())).toMatchObject({
          code: "thread-not-found"
        })
        const [created] = await all(thread.events({ follow: false }))
        expect(created).toMatchObject({ tenant: "acme", actor: "ada", correlationId: "ticket-9" })
        const own = await spillway.createThread()
        expect(await all(own.events({ follow: false }))).toMatchObject([{ tenant: "house", actor: "porter" }])
        expect(() => spillway.as({ tenant: "with space" })).toThrow(SpillwayError)
      },
      { tenant: "house", actor: "porter" }
    )
  )

  it.live("a thread is renamed, archived, taken back and deleted, and its events end there", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread()
      const events = all(thread.events())
      await thread.update({ title: "renamed" })
      await thread.archive()
      expect(await rejection(thread.startTurn({ text: "hello" }))).toMatchObject({ code: "ThreadArchived" })
      await thread.unarchive()
      await thread.delete()
      expect((await events).map(({ type }) => type)).toEqual([
        "thread.created",
        "thread.updated",
        "thread.archived",
        "thread.unarchived",
        "thread.deleted"
      ])
      expect(await all(thread.events({ after: 5 }))).toEqual([])
      expect(await rejection(thread.update({ title: "no" }))).toMatchObject({ code: "ThreadDeleted" })
    })
  )

  it.live("lists are read page by page, the last updated first", () =>
    embedded(async (spillway) => {
      for (let i = 0; i < 7; i++) await spillway.createThread({ title: `thread ${i}` })
      const titles: Array<string | null> = []
      let before: string | null = null
      do {
        const page: Awaited<ReturnType<typeof spillway.threads>> = await spillway.threads({
          limit: 3,
          ...(before !== null && { before })
        })
        expect(page.threads.length).toBeLessThanOrEqual(3)
        titles.push(...page.threads.map(({ title }) => title))
        before = page.next
      } while (before !== null)
      expect(titles).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `thread ${i}`))
      expect(await rejection(spillway.threads({ before: "nonsense" }))).toMatchObject({
        code: "request-invalid",
        message: expect.stringContaining("`before`")
      })
    })
  )

  it.live("lists are filtered, what was said is found, and a thread is read as it was", () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread({ title: "pelicans" })
      const before = await thread.view()
      await (
        await thread.startTurn({ text: "do pelicans fish?" })
      ).completed
      const other = await spillway.createThread({ title: "archived" })
      await other.archive()
      const listed = async (options: ThreadsOptions) =>
        (await spillway.threads(options)).threads.map(({ title }) => title)
      expect(await listed({ archived: true })).toEqual(["archived"])
      expect(await listed({ archived: false, activity: "idle" })).toEqual(["pelicans"])
      expect(await listed({ activity: "working" })).toEqual([])

      const { hits, next } = await spillway.search({ query: "pelicans", limit: 1 })
      expect(hits).toMatchObject([{ type: "title", threadId: thread.threadId }])
      const rest = await spillway.search({ query: "pelicans", before: next! })
      expect(rest.hits.length).toBeGreaterThan(0)
      expect(rest.hits[0]).toMatchObject({ type: "message", threadId: thread.threadId })
      const none = await spillway.search({ query: "fish", threadId: other.threadId })
      expect(none).toEqual({ hits: [], next: null })

      expect(await thread.view({ atVersion: 1 })).toEqual(before)
      expect(await thread.view({ turns: 0 })).toMatchObject({ turns: [] })
      expect(await rejection(thread.view({ atVersion: 999 }))).toMatchObject({ code: "version-ahead" })
    })
  )

  it.live("what can't be done is told by code and a sentence", () =>
    embedded(async (spillway) => {
      const nobody = spillway.thread("nobody")
      expect(await rejection(nobody.view())).toMatchObject({ code: "thread-not-found" })
      expect(await rejection(nobody.startTurn({ text: "hello" }))).toMatchObject({ code: "ThreadNotFound" })
      expect(await rejection(all(nobody.events()))).toMatchObject({ code: "thread-not-found" })
      expect(await rejection(all(nobody.views()))).toMatchObject({ code: "thread-not-found" })
      const thread = await spillway.createThread()
      expect(await rejection(thread.turn("nothing").completed)).toMatchObject({ code: "turn-not-found" })
      expect(await rejection(all(thread.events({ after: 9 })))).toMatchObject({
        code: "cursor-invalid"
      })
      expect(await rejection(all(spillway.log({ after: 9 })))).toMatchObject({
        code: "cursor-invalid"
      })
      const invalid = await rejection(thread.startTurn({} as { text: string }))
      expect(invalid).toMatchObject({ code: "command-invalid", message: expect.stringContaining("`text`") })
      expect(await rejection(thread.startTurn({ text: "x".repeat(80_001) }))).toMatchObject({
        code: "text-too-long"
      })
      const receipt = await spillway.send({ type: "thread.archive", commandId: "c", threadId: "nobody" })
      expect(receipt).toMatchObject({ status: "rejected", rejection: { _tag: "ThreadNotFound" } })
    })
  )
})
