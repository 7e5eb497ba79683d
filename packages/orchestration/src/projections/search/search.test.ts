import {
  DEFAULT_TENANT,
  MessageId,
  PartId,
  SEARCHED_TEXT_LIMIT,
  type SearchHit,
  type TenantId,
  type ThreadEvent,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import { expect, layer } from "@effect/vitest"
import { Effect, type Layer } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import fc from "fast-check"
import { ReadModels, type Search, type SearchCursor } from "../../ReadModels.ts"
import { assertProjectionsEqualFold } from "../../testing/assertProjectionsEqualFold.ts"
import * as c from "../../testing/commands.ts"
import { readModelStack } from "../../testing/readModelStack.ts"
import { ThreadLog } from "../../testing/ThreadLog.ts"
import { wordsOf } from "./words.ts"

const asked = (threadId: string, i: number, text: string, role: "user" | "system" = "user") => {
  const turnId = TurnId.make(`${threadId}/${i}`)
  const messageId = MessageId.make(`${threadId}/${i}/ask`)
  const started = {
    type: "thread.turn-start-requested",
    data: { turnId, messageId, assistantDeliveryMode: "buffered", choice: {}, retryOf: null }
  } as const
  return [started, { type: "thread.message-sent", data: { messageId, turnId, role, text } }] as const
}

/** Writes threads that say these texts, and answers once they can be searched. */
const write = Effect.fnUntraced(function* (
  threadId: string,
  texts: ReadonlyArray<string>,
  { tenant = DEFAULT_TENANT, title }: { tenant?: TenantId; title?: string } = {}
) {
  const events: ReadonlyArray<ThreadEvent> = [
    { type: "thread.created", data: { ...(title !== undefined && { title }) } },
    ...texts.flatMap((text, i) => asked(threadId, i, text))
  ]
  const log = yield* ThreadLog
  const models = yield* ReadModels
  yield* models.waitFor(
    yield* log.append(events.map((event) => ({ tenant, threadId: ThreadId.make(threadId), event })))
  )
})

const search = (query: string, but: Partial<Search> = {}, tenant: TenantId = DEFAULT_TENANT) =>
  Effect.flatMap(ReadModels, (models) => models.search(tenant, { query, ...but }))

const idOf = (hit: SearchHit) => (hit.type === "message" ? hit.messageId : `title of ${hit.threadId}`)

const found = (query: string, but: Partial<Search> = {}, tenant: TenantId = DEFAULT_TENANT) =>
  Effect.map(search(query, but, tenant), ({ hits }) => hits.map(idOf))

layer(readModelStack, { excludeTestServices: true })("search", (it) => {
  it.effect("finds words in any case, rows of words, one or the other, and not what was excluded", () =>
    Effect.gen(function* () {
      yield* write("words", [
        "A Blue Whale sings",
        "blue paint, no whale",
        "Ein Wal heißt auf Russisch КИТ",
        "the function `open_file` in src/io/open.ts",
        "我喜欢编程，因为它很有趣",
        "It's 3.14"
      ])
      const texts: ReadonlyArray<readonly [query: string, ...found: ReadonlyArray<number>]> = [
        ["BLUE", 1, 0],
        ["blue whale", 1, 0],
        ['"blue whale"', 0],
        ["whale -paint", 0],
        ["sings or кит", 2, 0],
        ["HEISST"],
        ["heißt", 2],
        ["open_file", 3],
        ["io/open", 3],
        ["open.ts", 3],
        ["file_open"],
        ["编程", 4],
        ["程编"],
        ["it's", 5],
        ["3.14", 5],
        ["whal"]
      ]
      for (const [query, ...expected] of texts) {
        expect([query, ...(yield* found(query))]).toEqual([query, ...expected.map((i) => `words/${i}/ask`)])
      }
    })
  )

  it.effect("says of a hit where it is, and shows and marks why", () =>
    Effect.gen(function* () {
      yield* write("hit", ["Look at the narwhal there"], { title: "On narwhals" })
      const { hits } = yield* search("NARWHAL")
      expect(hits).toEqual([
        {
          type: "message",
          threadId: "hit",
          title: "On narwhals",
          turnId: "hit/0",
          messageId: "hit/0/ask",
          role: "user",
          at: expect.stringMatching(/^2026-11-20T\d\d:\d\d:\d\d\.000Z$/),
          snippet: { text: "Look at the narwhal there", marks: [{ from: 12, to: 19 }] },
          rank: expect.any(Number)
        }
      ])
    })
  )

  it.effect("finds a message by words of several of its parts, once, and not by its reasoning", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const models = yield* ReadModels
      const threadId = ThreadId.make("parts")
      const message = c.messageOf("parts-turn")
      const part = (partId: string, text: string, kind: "text" | "reasoning" = "text") =>
        c.append(message, text, { partId: PartId.make(partId), kind })
      const end = yield* log.run(
        threadId,
        ...c.running("parts-turn"),
        part("thought", "aardwolf", "reasoning"),
        part("one", "aardvark"),
        c.call(message, "call", { input: { of: "aardwolf" } }),
        c.closeCall("call"),
        part("two", "burrow"),
        c.closeTurn("parts-turn")
      )
      yield* models.waitFor(end)
      expect(yield* found("aardvark burrow")).toEqual([message])
      expect(yield* found("aardwolf")).toEqual([])
      // The parts are still apart.
      const { view } = (yield* models.thread(DEFAULT_TENANT, threadId))!
      expect(view.turns[0]!.messages[1]!.parts).toMatchObject([
        { text: "aardwolf" },
        { text: "aardvark" },
        { type: "tool-call" },
        { text: "burrow" }
      ])
    })
  )

  it.effect("leaves out priming, other tenants and deleted threads, and keeps archived ones", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const models = yield* ReadModels
      // Ids that would mean something in SQL, in a tsquery, or to a sloppy reader of either.
      const tenants = ["o'", "o", "o\\", "o'|'x", "O"].map((tenant) => tenant as TenantId)
      const threads = ["'", "\\", "a'|'b", "!"].map((id) => ThreadId.make(id))
      for (const tenant of tenants) {
        for (const thread of threads) yield* write(thread, ["pangolin"], { tenant, title: "pangolin" })
      }
      for (const tenant of tenants) {
        expect(yield* found("pangolin", {}, tenant)).toHaveLength(2 * threads.length)
        for (const threadId of threads) {
          expect(yield* found("pangolin", { threadId }, tenant)).toEqual([
            `title of ${threadId}`,
            `${threadId}/0/ask`
          ])
        }
      }
      expect(yield* found("pangolin")).toEqual([])

      const tenant = tenants[0]!
      const [archived, deleted] = threads as [ThreadId, ThreadId, ThreadId, ThreadId]
      const end = yield* log.append([
        { tenant, threadId: archived, event: { type: "thread.archived", data: {} } },
        { tenant, threadId: deleted, event: { type: "thread.deleted", data: {} } },
        ...asked("!", 1, "pangolin", "system").map((event) => ({
          tenant,
          threadId: ThreadId.make("!"),
          event
        }))
      ])
      yield* models.waitFor(end)
      expect(yield* found("pangolin", { threadId: archived }, tenant)).toHaveLength(2)
      expect(yield* found("pangolin", { threadId: deleted }, tenant)).toEqual([])
      expect(yield* found("pangolin", {}, tenant)).toHaveLength(2 * (threads.length - 1))
    })
  )

  it.effect("follows a title when it changes", () =>
    Effect.gen(function* () {
      const log = yield* ThreadLog
      const models = yield* ReadModels
      const threadId = ThreadId.make("titled")
      yield* write("titled", ["quokka"], { title: "Old quokka" })
      const end = yield* log.run(threadId, c.update({ title: "New wombat" }))
      yield* models.waitFor(end)
      expect(yield* found("quokka")).toEqual(["titled/0/ask"])
      expect(yield* found("wombat")).toEqual(["title of titled"])
      expect((yield* search("quokka")).hits[0]!.title).toBe("New wombat")
    })
  )

  it.effect("pages titles first, then messages, the newest first, and stays put while threads go on", () =>
    Effect.gen(function* () {
      for (const i of [0, 1, 2]) {
        yield* write(`page-${i}`, [`lynx ${i}`, "cat", `again lynx ${i}`], { title: `Lynx ${i}` })
      }
      const expected = [
        ...[2, 1, 0].map((i) => `title of page-${i}`),
        ...[2, 1, 0].flatMap((i) => [`page-${i}/2/ask`, `page-${i}/0/ask`])
      ]
      expect(yield* found("lynx")).toEqual(expected)
      for (const limit of [1, 2, 3, 4]) {
        const read: Array<string> = []
        for (let before: SearchCursor | null | undefined; before !== null;) {
          const page = yield* search("lynx", { limit, ...(before !== undefined && { before }) })
          expect(page.hits.length).toBeLessThanOrEqual(limit)
          read.push(...page.hits.map(idOf))
          yield* write(`newer-${limit}-${read.length}`, ["lynx"], { title: "lynx" })
          before = page.before
        }
        expect(read.filter((id) => expected.includes(id))).toEqual(expected)
        expect(new Set(read).size).toBe(read.length)
      }
    })
  )

  it.effect(
    "any text is a query, whatever signs are in it",
    () =>
      Effect.gen(function* () {
        yield* write("any", ["anything at all", "' \\ \" : & | ! ( ) < -> * % _"])
        const context = yield* Effect.context<Layer.Success<typeof readModelStack>>()
        const unit = fc.oneof(
          fc.constantFrom(
            ...`'"\\:&|!()<->*%_- `.split(""),
            "or",
            "AND",
            "\0",
            "\ud800",
            "编",
            "x",
            "$1",
            "👋",
            "\u2028"
          ),
          fc.string({ unit: "binary", maxLength: 4 })
        )
        const query = fc.array(unit, { maxLength: 30 }).map((units) => units.join(""))
        yield* Effect.promise(() =>
          fc.assert(
            fc.asyncProperty(query, (text) =>
              Effect.runPromiseWith(context)(Effect.asVoid(search(text, { limit: 2 })))
            ),
            { numRuns: 500 }
          )
        )
        for (const long of [
          "x".repeat(1_000_000),
          '"'.repeat(100_000),
          "a or ".repeat(50_000),
          "编".repeat(5_000)
        ]) {
          yield* search(long)
        }
      }),
    120_000
  )

  it.effect("parts words as Postgres does", () =>
    Effect.gen(function* () {
      const sql = yield* SqlClient
      const unit = fc.oneof(
        fc.constantFrom(
          "a",
          "B",
          "7",
          "É",
          "я",
          "İ",
          "Σ",
          "ß",
          "x".repeat(130),
          "编",
          "ก",
          "ｶ",
          "한",
          "ह",
          "👋",
          "𝄞",
          "\u3000",
          "“",
          "…"
        ),
        fc.constantFrom(...` \n\t.,:;-_/\\'"@#<>&=+*~()[]{}|^\`$%!?`.split("")),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 2 })
      )
      const text = fc.array(unit, { minLength: 1, maxLength: 40 }).map((units) => units.join(""))
      const texts = fc.sample(text, 2_000).map((text) => text.toWellFormed().replaceAll("\0", ""))
      const rows = yield* sql<{ readonly lexemes: ReadonlyArray<string> }>`
        select tsvector_to_array(search_document('tenant', 'thread', text)) as lexemes
        from unnest(${texts}::text[]) with ordinality as texts (text, place) order by place`
      for (const [i, { lexemes }] of rows.entries()) {
        const words = new Set(lexemes.filter((lexeme) => !lexeme.startsWith(" ")))
        expect([texts[i], words]).toEqual([texts[i], new Set(wordsOf(texts[i]!).map(({ word }) => word))])
      }
      expect(rows[0]!.lexemes.filter((lexeme) => lexeme.startsWith(" "))).toEqual([
        " tenant",
        " tenant thread"
      ])
    })
  )

  it.effect("all of it equals the fold of the log", () => assertProjectionsEqualFold)
})

layer(readModelStack, { excludeTestServices: true })("search in texts of strangers", (it) => {
  it.effect(
    "takes any text in: its words are found up to the limit, and nothing holds the others up",
    () =>
      Effect.gen(function* () {
        const each = (count: number, of: (i: number) => string) =>
          Array.from({ length: count }, (_, i) => of(i)).join("")
        const half = SEARCHED_TEXT_LIMIT / 2
        const texts = {
          // As many different words, and bytes of them, as a text can have.
          "words of four bytes": each(SEARCHED_TEXT_LIMIT, (i) => String.fromCodePoint(0x20000 + i)),
          "words of three bytes": each(SEARCHED_TEXT_LIMIT, (i) =>
            String.fromCodePoint(0x4e00 + (i % 20_000))
          ),
          "short words": each(half, (i) => `${i.toString(36)} `),
          "one word": "x".repeat(2 * SEARCHED_TEXT_LIMIT),
          "no word": "!".repeat(SEARCHED_TEXT_LIMIT),
          // What the parser of Postgres would take a minute for, or ten seconds.
          underscores: "a_".repeat(half),
          homes: "~/".repeat(half),
          comments: "<!--".repeat(half),
          hyphens: "a-é-".repeat(half),
          addresses: "http://a.b/c@d.e?f=".repeat(6_000)
        }
        for (const [name, text] of Object.entries(texts)) {
          const beginning = Array.from(text).slice(0, SEARCHED_TEXT_LIMIT).join("")
          const threadId = name.replaceAll(" ", "-")
          yield* write(threadId, [`zebra ${text}`, `${beginning} giraffe`])
          expect([name, ...(yield* found("zebra", { threadId: ThreadId.make(threadId) }))]).toEqual([
            name,
            `${threadId}/0/ask`
          ])
        }
        expect(yield* found("giraffe")).toEqual([])
        expect(yield* found("x".repeat(900))).toEqual([])
      }),
    120_000
  )
})
