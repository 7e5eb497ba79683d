import { describe, expect, it } from "vitest"
import {
  approve,
  ask,
  claim,
  closeSession,
  create,
  interrupt,
  respond,
  running,
  start,
  take
} from "../testing/commands.ts"
import { eventsOf, stateAfter } from "../testing/scenario.ts"
import type { ThreadCommand } from "../thread/Decision.ts"
import { recoveryOf } from "./reconcile.ts"

/** What recovery does with a thread that this process does not run, and why. */
const recovery = (
  commands: ReadonlyArray<ThreadCommand>,
  { isHistory = false, outlives = false, runsHere = false } = {}
) => {
  const found = recoveryOf(stateAfter(eventsOf(...commands)), { runsHere, outlives, isHistory })
  if (found === undefined) return undefined
  return found.do === "commit"
    ? [found.because, ...found.commands.map(({ type }) => type)]
    : [found.do, found.because]
}

const parks = ["parked", "thread.session.close"]
const ends = (because: string) => [because, "thread.session.close", "thread.turn.close"]

describe("recovering a thread", () => {
  it("leaves alone an idle thread, a turn that runs here, and one that waits for an answer", () => {
    expect(recovery([create()])).toBeUndefined()
    expect(recovery([...running("a")], { runsHere: true })).toEqual(["nothing", "runs-here"])
    expect(recovery([...running("a"), ask("r"), closeSession("parked")])).toEqual([
      "nothing",
      "waits-for-an-answer"
    ])
  })

  it("starts a turn that nobody claimed, and closes one that came with a history", () => {
    expect(recovery([create(), start("a")])).toEqual(["start", "was-not-claimed"])
    for (const left of [[create(), start("a")], running("a"), [...running("a"), ask("r")]]) {
      expect(recovery(left, { isHistory: true })).toEqual(["imported", "thread.turn.close"])
    }
  })

  it("A7 interrupts a turn whose session is gone", () => {
    expect(recovery([create(), start("a"), claim("a")])).toEqual(ends("server-restarted"))
    expect(recovery([...running("a"), interrupt("a")])).toEqual(ends("interrupted"))
  })

  it("A12 parks a turn whose session is gone while a request waits for an answer, where its runtime can resume", () => {
    expect(recovery([...running("a"), ask("r")])).toEqual(parks)
    expect(recovery([...running("a", { resumable: false }), ask("r")])).toEqual(ends("server-restarted"))
    expect(recovery([...running("a"), ask("r"), interrupt("a")])).toEqual(ends("interrupted"))
  })

  it("A12 parks a turn with an answer that nobody took, so that another session takes it", () => {
    const answered = [...running("a"), ask("r"), respond("r", approve)]
    expect(recovery(answered)).toEqual(parks)
    expect(recovery([...answered, closeSession("parked")])).toEqual(["start", "was-not-claimed"])
    expect(recovery([...answered, interrupt("a")])).toEqual(ends("interrupted"))
    expect(recovery([...running("a", { resumable: false }), ask("r"), respond("r", approve)])).toEqual(
      ends("server-restarted")
    )
  })

  it("A12 interrupts a turn whose runtime may have acted on its answers: all of them were taken", () => {
    const both = [...running("a"), ask("r"), ask("s"), respond("r", approve), take("r")]
    expect(recovery([...running("a"), ask("r"), respond("r", approve), take("r")])).toEqual(
      ends("server-restarted")
    )
    expect(recovery(both)).toEqual(parks)
    expect(recovery([...both, respond("s", approve)])).toEqual(parks)
    expect(recovery([...both, respond("s", approve), take("s")])).toEqual(ends("server-restarted"))
  })

  it("A7 looks for the runtime of a session that goes on without a server, unless the turn is to stop", () => {
    expect(recovery([...running("a")], { outlives: true })).toEqual(["reattach", "runtime-goes-on"])
    expect(recovery([...running("a"), ask("r")], { outlives: true })).toEqual(["reattach", "runtime-goes-on"])
    expect(recovery([...running("a"), interrupt("a")], { outlives: true })).toEqual(ends("interrupted"))
    expect(recovery([...running("a"), ask("r"), closeSession("parked")], { outlives: true })).toEqual([
      "nothing",
      "waits-for-an-answer"
    ])
  })
})
