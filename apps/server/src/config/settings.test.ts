import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Redacted } from "effect"
import { readFileSync } from "node:fs"
import { readSettings } from "./readSettings.ts"
import { settingsHelp } from "./reference.ts"
import { decodeSetting, type Setting } from "./Setting.ts"
import { groups, settings } from "./settings.ts"
import { referenceFiles } from "./referenceFiles.ts"

const all = Object.entries(settings) as ReadonlyArray<readonly [string, Setting]>

const read = (env: Record<string, string>) =>
  readSettings.pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))

const message = (env: Record<string, string>) => Effect.map(Effect.flip(read(env)), (error) => error.message)

describe("the table of settings", () => {
  it.effect(
    "has a default and an example for each that can be read, and hides the value of each secret",
    () =>
      Effect.gen(function* () {
        for (const [name, setting] of all) {
          const value = yield* decodeSetting(name, setting, setting.example)
          expect([name, Redacted.isRedacted(value)]).toEqual([name, setting.secret])
          if (setting.default !== null) yield* decodeSetting(name, setting, undefined)
        }
      })
  )

  it.effect("reads an environment with nothing in it, and one with all examples", () =>
    Effect.gen(function* () {
      const none = yield* read({})
      expect(none.SPILLWAY_PORT).toBe(4000)
      expect(none.SPILLWAY_OTLP_ENDPOINT).toBe(null)
      const examples = yield* read(Object.fromEntries(all.map(([name, { example }]) => [name, example])))
      expect(examples.OTEL_TRACES_SAMPLER_ARG).toBe(0.1)
      expect(examples.SPILLWAY_TRACE_CONTENT).toBe(true)
      expect(examples.OTEL_RESOURCE_ATTRIBUTES).toEqual({
        "deployment.environment": "staging",
        "service.instance.id": "a"
      })
      expect(JSON.stringify(examples)).not.toMatch(/choose-a-long|spillway:password|sk-/)
    })
  )

  it.effect("says in one sentence what a value must be", () =>
    Effect.gen(function* () {
      expect(yield* message({ SPILLWAY_LOG_LEVEL: "loud" })).toBe(
        "SPILLWAY_LOG_LEVEL must be one of all, trace, debug, info, warn, error, fatal, none."
      )
      expect(yield* message({ SPILLWAY_OTLP_ENDPOINT: "127.0.0.1:4318" })).toBe(
        "SPILLWAY_OTLP_ENDPOINT must be an http address, such as http://127.0.0.1:4318."
      )
      expect(yield* message({ SPILLWAY_TRACE_CONTENT: "yes" })).toBe(
        "SPILLWAY_TRACE_CONTENT must be true or false."
      )
      expect(yield* message({ OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" })).toMatch(/gRPC is not spoken/)
      expect(yield* message({ OTEL_TRACES_SAMPLER_ARG: "2" })).toMatch(/from 0 to 1/)
      expect(yield* message({ OTEL_EXPORTER_OTLP_HEADERS: "no pair" })).toMatch(/name=value pairs/)
      expect(yield* message({ OTEL_RESOURCE_ATTRIBUTES: "a=%" })).toMatch(/percent-encoded/)
      expect(yield* message({ SPILLWAY_ALLOWED_ORIGINS: "console.example.com" })).toMatch(
        /must be origins such as/
      )
      for (const [name, { must }] of all)
        expect(`${name} must be ${must}.`).toMatch(/^\S+ must be [^\n]+[^.]\.$/)
    })
  )

  it.effect("refuses for each what its schema refuses, and never repeats what was set", () =>
    Effect.gen(function* () {
      for (const [name, setting] of all) {
        const exit = yield* Effect.exit(decodeSetting(name, setting, "%sesame%"))
        if (Exit.isFailure(exit)) expect(JSON.stringify(exit.cause)).not.toContain("sesame")
      }
    })
  )

  it("puts each variable into one group", () => {
    expect(groups.flatMap(({ names }) => names)).toEqual(Object.keys(settings))
  })
})

describe("what is written from the table", () => {
  for (const { path, text } of referenceFiles()) {
    it(`${path.split("/").slice(-2).join("/")} is as npm run docs writes it`, () => {
      expect(readFileSync(path, "utf8")).toBe(text)
    })
  }

  it("names every variable of the server in the help of serve", () => {
    const help = settingsHelp()
    for (const { for: reader, names } of groups) {
      for (const name of names) expect(help.includes(`  ${name}\n`)).toBe(reader === "server")
    }
    for (const line of help.split("\n")) expect(line.length).toBeLessThanOrEqual(100)
  })

  it("gives a shell an example file that changes nothing", () => {
    const example = referenceFiles().find(({ path }) => path.endsWith(".env.example"))!.text
    for (const line of example.split("\n")) expect(line).toMatch(/^(#|$)/)
  })
})
