import { describe, expect, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { resolve } from "node:path"
import { readSettings } from "./readSettings.ts"
import { serverSettings } from "./ServerConfig.ts"

const read = (env: Record<string, string>) =>
  Effect.flatMap(readSettings, serverSettings).pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
  )

const defaults = {
  host: "127.0.0.1",
  port: 4000,
  token: null,
  allowedOrigins: [],
  dataDirectory: resolve(".spillway"),
  databaseUrl: null,
  commandWaitSeconds: 10,
  clientStallSeconds: 30,
  maxSockets: 4096,
  maxStreams: 1024,
  framesPerSecond: 1000,
  runtimeStallSeconds: 600,
  runtimeToken: null,
  runtimeGraceSeconds: 10
}

describe("the settings", () => {
  it.effect("have defaults that need nothing, also where variables are set to nothing", () =>
    Effect.gen(function* () {
      expect(yield* read({})).toEqual(defaults)
      expect(yield* read({ SPILLWAY_PORT: "", SPILLWAY_TOKEN: " ", DATABASE_URL: "" })).toEqual(defaults)
    })
  )

  it.effect("come from the environment", () =>
    Effect.gen(function* () {
      const settings = yield* read({
        SPILLWAY_HOST: "0.0.0.0",
        SPILLWAY_PORT: "8080",
        SPILLWAY_TOKEN: "sesame",
        SPILLWAY_ALLOWED_ORIGINS: "https://a.example, https://b.example/,",
        SPILLWAY_DATA_DIR: "/data",
        DATABASE_URL: "postgres://user:secret@host/db",
        SPILLWAY_COMMAND_WAIT_SECONDS: "20",
        SPILLWAY_CLIENT_STALL_SECONDS: "5",
        SPILLWAY_STALL_SECONDS: "60"
      })
      expect(settings).toMatchObject({
        host: "0.0.0.0",
        port: 8080,
        allowedOrigins: ["https://a.example", "https://b.example"],
        dataDirectory: "/data",
        commandWaitSeconds: 20,
        clientStallSeconds: 5,
        runtimeStallSeconds: 60
      })
      expect(Redacted.value(settings.token!)).toBe("sesame")
      expect(Redacted.value(settings.databaseUrl!)).toBe("postgres://user:secret@host/db")
      expect(JSON.stringify(settings)).not.toMatch(/sesame|secret/)
    })
  )

  it.effect("that can't be used are told in one sentence that names the variable", () =>
    Effect.gen(function* () {
      const message = (env: Record<string, string>) =>
        Effect.map(Effect.flip(read(env)), (error) => error.message)
      expect(yield* message({ SPILLWAY_PORT: "http" })).toBe("SPILLWAY_PORT must be a port, from 0 to 65535.")
      expect(yield* message({ SPILLWAY_PORT: "70000" })).toBe(
        "SPILLWAY_PORT must be a port, from 0 to 65535."
      )
      expect(yield* message({ SPILLWAY_STALL_SECONDS: "0" })).toMatch(/^SPILLWAY_STALL_SECONDS must be /)
      expect(yield* message({ DATABASE_URL: "mysql://x" })).toMatch(
        /^DATABASE_URL must be a postgres:\/\/ address/
      )
    })
  )

  it.effect("let nobody listen where others can reach it without a token", () =>
    Effect.gen(function* () {
      for (const host of ["0.0.0.0", "::", "192.168.1.4", "example.com"]) {
        const { message } = yield* Effect.flip(read({ SPILLWAY_HOST: host }))
        expect(message).toContain("SPILLWAY_TOKEN")
      }
      for (const host of ["localhost", "127.0.0.1", "::1"]) yield* read({ SPILLWAY_HOST: host })
    })
  )
})
