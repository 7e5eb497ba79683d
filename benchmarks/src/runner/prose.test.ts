import { describe, expect, it } from "@effect/vitest"
import { prose } from "./prose.ts"

describe("prose", () => {
  it("is the same for the same seed, as far as it goes", () => {
    expect(prose(7, 5_000)).toBe(prose(7, 5_000))
    expect(prose(7, 5_000).startsWith(prose(7, 1_234))).toBe(true)
    expect(prose(7, 1_234)).toHaveLength(1_234)
    expect(prose(8, 5_000)).not.toBe(prose(7, 5_000))
  })

  it("has paragraphs, and is ASCII", () => {
    expect(prose(1, 5_000).split("\n\n").length).toBeGreaterThan(5)
    expect(prose(1, 5_000)).toMatch(/^[\x20-\x7e\n]*$/)
  })
})
