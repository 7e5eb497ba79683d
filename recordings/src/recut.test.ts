import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { recut } from "./recut.ts"

const body = `data: {"text":"Grüße, 世界 🌍"}\r\n\r\n`.repeat(40)
const cutsOf = (seed: string) => {
  let at = 0
  return recut([Buffer.from(body)], seed).map((piece) => (at += piece.length))
}

describe("A body that is cut anew", () => {
  it("is the same bytes when its pieces are joined, and no piece is empty", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.string(),
        (pieces, seed) => {
          const cut = recut(pieces, seed)
          assert.deepStrictEqual(Buffer.concat(cut), Buffer.concat(pieces))
          assert.isTrue(cut.every((piece) => piece.length > 0))
        }
      )
    )
  })

  it("is cut at the same places for a seed, and elsewhere for another", () => {
    assert.deepStrictEqual(cutsOf("seed 1"), cutsOf("seed 1"))
    assert.notDeepEqual(cutsOf("seed 1"), cutsOf("seed 2"))
  })

  it("is cut within UTF-8 sequences and between CR and LF, whatever the seed", () => {
    const bytes = Buffer.from(body)
    for (const seed of ["a", "b", "c", "d", "e"]) {
      const next = cutsOf(seed).map((at) => [bytes[at - 1], bytes[at]])
      assert.isTrue(
        next.some(([, byte]) => byte !== undefined && byte >= 0x80 && byte < 0xc0),
        seed
      )
      assert.isTrue(
        next.some(([before, after]) => before === 0x0d && after === 0x0a),
        seed
      )
    }
  })

  it("comes in some hundred pieces, however long it is", () => {
    for (const seed of ["a", "b", "c", "d"]) {
      assert.isBelow(recut([Buffer.alloc(2_000_000, "x")], seed).length, 1_500)
    }
  })
})
