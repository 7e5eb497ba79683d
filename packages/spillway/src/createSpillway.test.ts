import { describe, expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect, Redacted } from "effect"
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { createSpillway } from "./createSpillway.ts"
import type { LogEntry } from "./embedding/LogEntry.ts"
import { aiSdk, type AiSdkOptions, scripted } from "./embedding/runtimes/builtIn.ts"
import { defineRuntime } from "./embedding/runtimes/defineRuntime.ts"
import { text } from "@spillway/contracts/generator-runtime"
import { SpillwayError } from "./embedding/SpillwayError.ts"
import type { Redactor, SpillwayOptions } from "./embedding/SpillwayOptions.ts"
import { embedded, rejection } from "./embedding/testing/embedded.ts"

/** A model that says its name. */
const model = (modelId: string): Exclude<AiSdkOptions["model"], (choice: never) => unknown> => ({
  specificationVersion: "v4",
  provider: "test",
  modelId,
  supportedUrls: {},
  doGenerate: () => Promise.reject(new Error("only streams")),
  doStream: async () => ({
    stream: ReadableStream.from([
      { type: "stream-start", warnings: [] },
      { type: "text-start", id: "0" },
      { type: "text-delta", id: "0", delta: `I am ${modelId}.` },
      { type: "text-end", id: "0" },
      {
        type: "finish",
        finishReason: { unified: "stop", raw: "stop" },
        usage: {
          inputTokens: { total: 3, noCache: 3, cacheRead: 0, cacheWrite: 0 },
          outputTokens: { total: 5, text: 5, reasoning: 0 }
        }
      }
    ])
  })
})

const options: SpillwayOptions = {
  database: "postgres://localhost:1/nothing",
  runtimes: [scripted()],
  logLevel: "none"
}

describe("createSpillway", () => {
  it.each<[string, object]>([
    ["no database", { database: undefined }],
    ["an address of something else", { database: "mysql://localhost" }],
    ["no directory", { database: { directory: "" } }],
    ["no runtime", { runtimes: [] }],
    ["something that is no runtime", { runtimes: [{ name: "own" }] }],
    ["two runtimes of one name", { runtimes: [scripted(), scripted()] }],
    ["seconds that are none", { runtimeStallSeconds: 0 }],
    ["a grace that is none", { interruptGraceSeconds: Number.NaN }]
  ])("refuses %s with a sentence", async (_, but) => {
    const refused = await rejection(createSpillway({ ...options, ...but }))
    expect(refused).toBeInstanceOf(SpillwayError)
    expect(refused).toMatchObject({ code: "options-invalid", message: expect.stringMatching(/^[`A-Z].+\.$/) })
  })

  it("says that a database can't be reached, and what to look at", async () => {
    const said =
      /^The database can't be reached \(.+\): check the address that `database` gives and that the server runs\.$/
    expect(await rejection(createSpillway(options))).toMatchObject({
      name: "SpillwayError",
      code: "database-unreachable",
      retryable: true,
      message: expect.stringMatching(said)
    })
  })

  it("says that the embedded Postgres is a package of its own where it is not installed", async () => {
    const program = `
      import { registerHooks } from "node:module"
      registerHooks({
        resolve: (name, context, next) => {
          if (name === "@spillway/embedded-postgres") throw new Error("not installed")
          return next(name, context)
        }
      })
      const { createSpillway, scripted } = await import(${JSON.stringify(new URL("index.ts", import.meta.url))})
      await createSpillway({ database: { directory: "nowhere" }, runtimes: [scripted()] }).catch(({ code, message }) => {
        console.log(code, message)
      })`
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@spillway/source",
      "--no-warnings",
      "--input-type=module",
      "--eval",
      program
    ])
    expect(stdout).toBe(
      "embedded-postgres-missing The embedded Postgres is a package of its own: npm install @spillway/embedded-postgres, or give the address of a Postgres.\n"
    )
  })

  it.live("runs a model of the AI SDK, whether it is given or chosen by the turn", () => {
    return Effect.gen(function* () {
      for (const runtime of [
        aiSdk({ model: model("m-1") }),
        aiSdk({ model: (choice) => model(choice.model ?? "m-1") })
      ]) {
        yield* embedded(
          async (spillway) => {
            const thread = await spillway.createThread()
            const { messages, steps } = await (
              await thread.startTurn({ text: "who?", model: "m-1" })
            ).completed
            expect(messages.at(-1)).toMatchObject({ model: "m-1", parts: [{ text: "I am m-1." }] })
            expect(steps).toMatchObject([
              { usage: { inputTokens: 3, outputTokens: 5 }, finishReason: "stop" }
            ])
          },
          { runtimes: [runtime] }
        )
      }
    })
  })

  it.live("T1 takes runtimes by name, the first unless one is asked for, and says which there are", () =>
    embedded(
      async (spillway) => {
        const thread = await spillway.createThread()
        const said = async (runtime?: string) => {
          const turn = await thread.startTurn({ text: "who?", ...(runtime !== undefined && { runtime }) })
          return (await turn.completed).messages.at(-1)
        }
        expect(await said()).toMatchObject({ runtime: "own", parts: [{ text: "me" }] })
        expect(await said("scripted")).toMatchObject({ runtime: "scripted" })
        expect(await rejection(said("nobody"))).toMatchObject({
          code: "RuntimeUnknown",
          message: expect.stringContaining("own, scripted")
        })
      },
      {
        runtimes: [
          defineRuntime({
            name: "own",
            async *run() {
              yield text("me")
            }
          }),
          scripted()
        ]
      }
    )
  )

  it.live("V11 redacts what runtimes say, with the redactor it is given or none", () =>
    Effect.gen(function* () {
      const { url } = yield* TestDatabase
      const key = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789"
      const leaky = defineRuntime({
        name: "leaky",
        async *run() {
          yield text(`the key is ${key.slice(0, 20)}`)
          yield text(key.slice(20))
        }
      })
      const saidWith = async (redactor?: SpillwayOptions["redactor"]) => {
        await using spillway = await createSpillway({
          database: Redacted.value(url),
          runtimes: [leaky],
          logLevel: "none",
          ...(redactor !== undefined && { redactor })
        })
        const turn = await (await spillway.createThread()).startTurn({ text: "go" })
        return JSON.stringify((await turn.completed).messages.at(-1)!.parts)
      }
      const shouting: Redactor = {
        stream: () => ({ push: (delta) => delta.toUpperCase(), end: () => "!" }),
        text: (value) => value,
        json: (value) => value
      }
      yield* Effect.promise(async () => {
        expect(await saidWith()).not.toContain(key)
        expect(await saidWith(false)).toContain(key)
        expect(await saidWith(shouting)).toContain(`${key.toUpperCase()}!`)
      })
    }).pipe(Effect.provide(TestDatabase.layer))
  )

  it.live(
    "A11 a runtime that falls silent fails after the time it is given; texts are cut where the limits say",
    () =>
      embedded(
        async (spillway) => {
          const thread = await spillway.createThread()
          const turn = await thread.startTurn({ text: "hush" })
          const events: Array<string> = []
          for await (const event of turn.events()) events.push(event.type)
          expect(events.filter((type) => type === "thread.message-segment-appended")).toHaveLength(2)
          expect(await rejection(turn.completed)).toMatchObject({ code: "RuntimeStalled", retryable: true })
        },
        {
          runtimeStallSeconds: 0.5,
          interruptGraceSeconds: 0.5,
          limits: { spill: 10 },
          runtimes: [
            defineRuntime({
              name: "silent",
              async *run() {
                yield text("x".repeat(15))
                yield text("y")
                await new Promise(() => {})
              }
            })
          ]
        }
      )
  )

  it.live("hands what it logs to the service, and lives with a logger that throws", () => {
    const logged: Array<LogEntry> = []
    return embedded(
      async (spillway) => {
        const failing = await spillway.subscribe({
          name: "failing",
          retry: { attempts: 1 },
          handle: () => {
            throw new Error("no")
          }
        })
        await spillway.createThread()
        await rejection(failing.caughtUp())
        const error = logged.find(({ level }) => level === "error")
        expect(error?.message).toContain('The subscription "failing" has stopped')
        expect(error?.cause).toContain("no")
        expect(Number.isNaN(Date.parse(error!.at))).toBe(false)
        expect(logged.every(({ level }) => level === "warn" || level === "error")).toBe(true)
      },
      {
        logLevel: "warn",
        onLog: (entry) => {
          logged.push(entry)
          throw new Error("a logger that fails")
        }
      }
    )
  })

  it.live("two processes share a database, and closing twice is closing once", () =>
    embedded(async (one, database) => {
      const two = await createSpillway({ database, runtimes: [scripted()], logLevel: "none" })
      const thread = await one.createThread()
      const turn = await two.thread(thread.threadId).startTurn({ text: "hello" })
      expect(await turn.completed).toMatchObject({ status: "completed" })
      expect(await two.thread(thread.threadId).view()).toEqual(await thread.view())
      await Promise.all([two.close(), two.close()])
      expect(await rejection(two.head())).toMatchObject({ code: "closed" })
    })
  )

  it.live("A7 close rejects who waits for a turn, which is interrupted when somebody takes over", () =>
    embedded(async (spillway, database) => {
      const thread = await spillway.createThread()
      const turn = await thread.startTurn({ text: "slowly", options: { script: "slow" } })
      const waiting = rejection(turn.completed)
      // Closed before its session is opened, it would not be interrupted but started by who takes over.
      for await (const event of turn.events()) if (event.type === "thread.session-opened") break
      await spillway.close()
      expect(await waiting).toMatchObject({ code: "closed" })
      await using again = await createSpillway({ database, runtimes: [scripted()], logLevel: "none" })
      expect(await rejection(again.thread(thread.threadId).turn(turn.turnId).completed)).toMatchObject({
        code: "TurnInterrupted"
      })
    })
  )
})

describe("the face for those who know no Effect", () => {
  it("names no type of Effect in what it exports", () => {
    const seen = new Set<string>()
    const outside = new Set<string>()
    /** Follows what types are made of: exports, and imports that are types. */
    const look = (url: string) => {
      if (seen.has(url)) return
      seen.add(url)
      const statements =
        /^(import type|import|export type|export) (?:\* |(\{[^}]*\}) )?(?:as \w+ )?from "([^"]+)"/gm
      for (const [, kind, names, from] of readFileSync(new URL(url), "utf8").matchAll(statements)) {
        if (kind === "import" && !/\btype \w/.test(names ?? "")) continue
        if (from!.startsWith(".")) look(new URL(from!, url).href)
        else outside.add(from!)
      }
    }
    look(new URL("./index.ts", import.meta.url).href)
    expect(seen.size).toBeGreaterThan(8)
    expect([...outside].filter((name) => /^(@effect\/|effect(\/|$))/.test(name))).toEqual([])
    expect(outside).toContain("@spillway/contracts")
  })
})
