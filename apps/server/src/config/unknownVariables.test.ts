import { describe, expect, it } from "vitest"
import { unknownVariables } from "./unknownVariables.ts"

const meant = (name: string) => /is ([A-Z_]+)\.$/.exec(unknownVariables({ [name]: "1" })[0] ?? "")?.[1]

describe("variables that are no settings", () => {
  it("are told in a sentence each, and those that are none of ours are let alone", () => {
    expect(unknownVariables({ SPILLWAY_PORT: "1", PATH: "/bin", OTEL_FOO: "1" })).toEqual([])
    expect(unknownVariables({ SPILLWAY_PROT: "1", SPILLWAY_A: "1" })).toHaveLength(2)
    expect(unknownVariables({ SPILLWAY_PROT: "1" })).toEqual([
      "SPILLWAY_PROT is no setting of Spillway, and has no effect: the nearest that is one is SPILLWAY_PORT."
    ])
  })

  it("are told with the nearest that is one, misspelt or cut short", () => {
    expect(meant("SPILLWAY_TOKNE")).toBe("SPILLWAY_TOKEN")
    expect(meant("SPILLWAY_LOGLEVEL")).toBe("SPILLWAY_LOG_LEVEL")
    expect(meant("SPILLWAY_ORIGINS")).toBe("SPILLWAY_ALLOWED_ORIGINS")
    expect(meant("SPILLWAY_ENDPOINT")).toBe("SPILLWAY_OTLP_ENDPOINT")
    expect(meant("SPILLWAY_DATABASE_URL")).toBe("DATABASE_URL")
    expect(meant("SPILLWAY_")).toBeDefined()
  })
})
