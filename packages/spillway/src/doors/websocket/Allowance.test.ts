import { describe, expect, it } from "@effect/vitest"
import * as fc from "fast-check"
import { Allowance } from "./Allowance.ts"

describe("an allowance", () => {
  it("lets so much pass at once, and so much a second after that", () => {
    let now = 0
    const allowance = new Allowance(10, 20, () => now)
    allowance.spend(20)
    expect(allowance.wait).toBe(0)
    allowance.spend(5)
    expect(allowance.wait).toBe(500)
    now = 499
    expect(allowance.wait).toBe(1)
    now = 500
    expect(allowance.wait).toBe(0)
    now = 60_000
    allowance.spend(21)
    expect(allowance.wait).toBe(100)
  })

  it("whoever waits when told to never does more than the burst and the rate allow", () => {
    const spends = fc.array(fc.record({ count: fc.integer({ min: 1, max: 50 }), pause: fc.nat(3_000) }), {
      maxLength: 60
    })
    fc.assert(
      fc.property(spends, (steps) => {
        let now = 0
        let spent = 0
        const allowance = new Allowance(10, 20, () => now)
        for (const { count, pause } of steps) {
          now += Math.max(pause, allowance.wait)
          expect(spent).toBeLessThanOrEqual(20 + (now * 10) / 1_000 + 1e-6)
          allowance.spend(count)
          spent += count
        }
      })
    )
  })
})
