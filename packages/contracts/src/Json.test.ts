import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ClientCommand } from "./commands/ClientCommand.ts"
import { JSON_DEPTH_LIMIT } from "./Limits.ts"

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth))

const create = (metadata: unknown) => ({ type: "thread.create", commandId: "c", threadId: "t", metadata })
const accepts = Schema.is(ClientCommand)

describe("JSON of a client", () => {
  it("E7 may be nested as deep as anything sensible, and no deeper", () => {
    expect(accepts(create({ at: nested(JSON_DEPTH_LIMIT) }))).toBe(true)
    expect(accepts(create({ at: nested(JSON_DEPTH_LIMIT + 1) }))).toBe(false)
    expect(accepts(create({ at: nested(100_000) }))).toBe(false)
  })

  it("E7 is refused with a sentence where it is nested deeper", () => {
    const decode = () => Schema.decodeUnknownSync(ClientCommand)(create({ at: nested(JSON_DEPTH_LIMIT + 1) }))
    expect(decode).toThrow(/nested at most 64 deep/)
  })
})
