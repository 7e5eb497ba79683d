import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { createSpillway, scripted } from "spillway"
import { runSpillway } from "../../testing/SpillwayProcess.ts"

it.live(
  "E9 the command line says how far the read models are, what is wrong in them, and puts it right",
  () =>
    Effect.gen(function* () {
      const DATABASE_URL = Redacted.value((yield* TestDatabase).url)
      const projections = (...args: ReadonlyArray<string>) =>
        runSpillway(["projections", ...args], { DATABASE_URL })

      const empty = yield* projections("status")
      expect(empty).toMatchObject({ code: 1, stdout: "" })
      expect(empty.stderr).toBe(
        'There is no log in the schema "spillway" of this database: start a server on it first.\n'
      )

      const spillway = yield* Effect.acquireRelease(
        Effect.promise(() =>
          createSpillway({ database: DATABASE_URL, runtimes: [scripted()], logLevel: "none" })
        ),
        (spillway) => Effect.promise(() => spillway.close())
      )
      for (const title of ["One", "Two"]) yield* Effect.promise(() => spillway.createThread({ title }))
      yield* Effect.promise(() => spillway.threads())

      const status = yield* projections("status")
      expect(status.stdout.split("\n").map((line) => line.replace(/\d+ kB/, "some kB"))).toEqual([
        expect.stringMatching(/^projection +position +behind +lag +size +generation +state$/),
        expect.stringMatching(/^threads +2 +0 +– +some kB +1 +up to date$/),
        ""
      ])

      yield* Effect.promise(() =>
        spillway.query("update spillway.thread set title = 'Three' where title = 'Two'")
      )
      const differs = yield* projections("check")
      expect(differs.code).toBe(1)
      expect(differs.stdout).toContain("✗ threads differs from the log in 1 place.")
      expect(differs.stdout).toMatch(/ {2}thread\.title {2}\S+\n {4}table {2}"Three"\n {4}log {4}"Two"\n/)
      expect(differs.stderr).toMatch(
        /^threads is not what the log says: .*`spillway projections rebuild threads`\.\n$/
      )

      const rebuilt = yield* projections("rebuild", "--json")
      expect(rebuilt.code).toBe(0)
      expect(JSON.parse(rebuilt.stdout)).toMatchObject({
        projections: [{ projection: "threads", generation: 2, position: 2 }]
      })

      const same = yield* projections("check", "--json")
      expect(same).toMatchObject({ code: 0, stderr: "" })
      expect(JSON.parse(same.stdout.trimEnd().split("\n").at(-1)!)).toMatchObject({
        projections: [{ projection: "threads", position: 2, threads: 2, rows: 4, differences: 0 }]
      })

      const unknown = yield* projections("rebuild", "treads")
      expect(unknown).toMatchObject({
        code: 1,
        stdout: "",
        stderr: 'There is no projection "treads": there is "threads".\n'
      })
    }).pipe(Effect.provide(TestDatabase.layer))
)
