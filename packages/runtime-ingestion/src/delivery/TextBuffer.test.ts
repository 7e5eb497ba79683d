import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { TextBuffer } from "./TextBuffer.ts"

const HIGH = "\ud83d"
const LOW = "\udc4b"
const WAVE = HIGH + LOW

describe("TextBuffer", () => {
  it("knows what is durable, in flight and waiting, from any offset on", () => {
    const buffer = new TextBuffer(10)
    expect([buffer.durable, buffer.end, buffer.waiting, buffer.tail()]).toEqual([10, 10, 0, undefined])
    buffer.push("abc", 1)
    buffer.push("def", 2)
    expect(buffer.take(4)).toEqual({ offset: 10, text: "abcd" })
    expect([buffer.durable, buffer.end, buffer.waiting]).toEqual([10, 16, 2])
    expect(buffer.take()).toEqual({ offset: 14, text: "ef" })
    expect(buffer.take()).toBeUndefined()
    expect(buffer.tail()).toEqual({ offset: 10, text: "abcdef" })
    buffer.confirm()
    expect([buffer.durable, buffer.end, buffer.tail()]).toEqual([16, 16, undefined])
  })

  it("T9 keeps text until its commit succeeded, and takes later text behind it", () => {
    const buffer = new TextBuffer()
    buffer.push("first ", 1)
    buffer.take()
    buffer.push("second", 2)
    expect(buffer.tail()).toEqual({ offset: 0, text: "first second" })
    expect(buffer.take()).toEqual({ offset: 6, text: "second" })
    buffer.confirm(3)
    expect(buffer.durable).toBe(3)
    expect(buffer.tail()).toEqual({ offset: 3, text: "st second" })
    buffer.confirm(3)
    expect(buffer.tail()).toEqual({ offset: 6, text: "second" })
    buffer.confirm(1_000)
    expect([buffer.durable, buffer.end]).toEqual([12, 12])
  })

  it("tells when its oldest waiting text came, also of a chunk that was taken in part", () => {
    const buffer = new TextBuffer()
    const oldest = () => [buffer.firstAt, buffer.atRiskSince]
    expect(oldest()).toEqual([null, null])
    buffer.push("", 5)
    expect(oldest()).toEqual([null, null])
    buffer.push("abc", 10)
    buffer.push("def", 20)
    buffer.take(2)
    expect(oldest()).toEqual([10, 10])
    buffer.take(1)
    expect(oldest()).toEqual([20, 20])
    buffer.take()
    expect(oldest()).toEqual([null, null])
  })

  it("T9 gives each text to the checkpoint once, and goes on waiting with it", () => {
    const buffer = new TextBuffer(10)
    expect(buffer.keep()).toBeUndefined()
    buffer.push("abc", 10)
    buffer.push("def", 20)
    expect(buffer.keep()).toEqual({ offset: 10, text: "abcdef" })
    expect(buffer.keep()).toBeUndefined()
    expect([buffer.atRiskSince, buffer.firstAt, buffer.waiting]).toEqual([null, 10, 6])
    buffer.push("ghi", 30)
    expect(buffer.atRiskSince).toBe(30)
    expect(buffer.take(7)).toEqual({ offset: 10, text: "abcdefg" })
    expect(buffer.keep()).toEqual({ offset: 17, text: "hi" })
    expect(buffer.tail()).toEqual({ offset: 10, text: "abcdefghi" })
  })

  it("T6 parts no surrogate pair, whether it came in one chunk or in two", () => {
    for (const chunks of [
      [`ab${WAVE}c`],
      [`ab${HIGH}`, `${LOW}c`],
      ["ab", HIGH, LOW, "c"],
      ["ab", WAVE, "c"]
    ]) {
      const buffer = new TextBuffer()
      chunks.forEach((chunk) => buffer.push(chunk, 0))
      expect(buffer.take(3)?.text).toBe("ab")
      expect(buffer.take(1)).toBeUndefined()
      expect(buffer.take(2)?.text).toBe(WAVE)
      expect(buffer.take(1)?.text).toBe("c")
    }
  })

  it("gives back exactly the text it was given, in order, however it comes and goes", () => {
    const chunk = fc
      .array(fc.constantFrom("a", "é", HIGH, LOW, WAVE, "\n"), { maxLength: 6 })
      .map((units) => units.join(""))
    const move = fc.oneof(
      fc.record({ push: chunk }),
      fc.record({ take: fc.option(fc.nat(8), { nil: undefined }) }),
      fc.record({ confirm: fc.option(fc.nat(8), { nil: undefined }) }),
      fc.record({ keep: fc.constant(true) })
    )
    fc.assert(
      fc.property(fc.nat(100), fc.array(move, { maxLength: 60 }), (offset, moves) => {
        const buffer = new TextBuffer(offset)
        let pushed = ""
        let taken = ""
        let confirmed = 0
        let kept = 0
        for (const move of moves) {
          if ("push" in move) {
            buffer.push(move.push, 0)
            pushed += move.push
          } else if ("take" in move) {
            const whole = pushed.slice(taken.length)
            const piece = move.take === undefined ? buffer.take() : buffer.take(move.take)
            const limit = Math.min(move.take ?? whole.length, whole.length)
            const parts =
              limit < whole.length &&
              /^[\ud800-\udbff][\udc00-\udfff]$/.test(whole.slice(limit - 1, limit + 1))
            const expected = whole.slice(0, Math.max(0, parts ? limit - 1 : limit))
            expect(piece).toEqual(
              expected === "" ? undefined : { offset: offset + taken.length, text: expected }
            )
            taken += expected
            kept = Math.max(kept, taken.length)
          } else if ("keep" in move) {
            const expected = pushed.slice(kept)
            expect(buffer.keep()).toEqual(
              expected === "" ? undefined : { offset: offset + kept, text: expected }
            )
            kept = pushed.length
          } else {
            buffer.confirm(move.confirm)
            confirmed = Math.min(taken.length, confirmed + (move.confirm ?? taken.length))
          }
          expect(buffer.durable).toBe(offset + confirmed)
          expect(buffer.end).toBe(offset + pushed.length)
          expect(buffer.waiting).toBe(pushed.length - taken.length)
          const rest = pushed.slice(confirmed)
          expect(buffer.tail()).toEqual(rest === "" ? undefined : { offset: offset + confirmed, text: rest })
        }
      })
    )
  })
})
