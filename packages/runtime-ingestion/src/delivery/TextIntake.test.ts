import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { wellFormed } from "@spillway/contracts"
import { noRedactor } from "../Redactor.ts"
import { defaultRedactor } from "../redactor/defaultRedactor.ts"
import { TextIntake } from "./TextIntake.ts"

const HIGH = "\ud83d"
const LOW = "\udc4b"

describe("TextIntake", () => {
  it("E7 holds back half a surrogate pair for its other half", () => {
    const intake = new TextIntake(noRedactor)
    expect(intake.push(`a${HIGH}`)).toBe("a")
    expect(intake.push("")).toBe("")
    expect(intake.push(`${LOW}b`)).toBe("👋b")
    expect(intake.end()).toBe("")
  })

  it("E7 replaces NUL and halves that have no other half", () => {
    const intake = new TextIntake(noRedactor)
    expect(intake.push(`\0${LOW}${HIGH}`)).toBe("\ufffd\ufffd")
    expect(intake.push(`${HIGH}x`)).toBe("\ufffd\ufffdx")
    expect(intake.push(HIGH)).toBe("")
    expect(intake.end()).toBe("\ufffd")
    expect(intake.end()).toBe("")
  })

  it("V11 catches a secret split anywhere, right behind a character of two halves", () => {
    const secret = `ghp_${"a1B2".repeat(9)}`
    const text = `👋${secret}👋`
    for (let at = 0; at <= text.length; at++) {
      const intake = new TextIntake(defaultRedactor)
      expect(intake.push(text.slice(0, at)) + intake.push(text.slice(at)) + intake.end()).toBe(
        "👋[redacted]👋"
      )
    }
  })

  it("gives well-formed text of the same length, at every moment and however it was split", () => {
    const unit = fc.constantFrom("a", "\0", HIGH, LOW, "👋", "s", "sk-", " ")
    fc.assert(
      fc.property(fc.array(fc.array(unit, { maxLength: 4 }).map((units) => units.join(""))), (deltas) => {
        const intake = new TextIntake(defaultRedactor)
        const shown = [...deltas.map((delta) => intake.push(delta)), intake.end()]
        for (const piece of shown) expect(piece.isWellFormed()).toBe(true)
        expect(shown.join("")).toBe(wellFormed(deltas.join("")))
      })
    )
  })
})
