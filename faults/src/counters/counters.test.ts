import { describe, expect, it } from "@effect/vitest"
import type { ClientCommand, Receipt } from "@spillway/contracts"
import type { CommandEntry } from "../ledger/CommandLedger.ts"
import { Seen } from "../load/Seen.ts"
import { duplicated } from "./duplicated.ts"
import { gaps } from "./gaps.ts"
import { inversions } from "./inversions.ts"
import { killsInMidText } from "./killsInMidText.ts"
import { lost } from "./lost.ts"
import { lostBuffered } from "./lostBuffered.ts"
import { callOf, evidenceOf, logOf, segment } from "./testing.ts"
import { viewMismatches } from "./viewMismatches.ts"

const title = (commandId: string, text: string) => ({
  type: "thread.updated" as const,
  data: { title: text },
  commandId
})

/** A command for `t`, when it was sent, and what was answered when. */
const entry = (commandId: string, sentAt: number, ackedAt: number, version: number): CommandEntry => ({
  command: { type: "thread.update", commandId, threadId: "t" } as ClientCommand,
  firstSentAt: sentAt,
  sent: 1,
  acks: [{ at: ackedAt, receipt: { status: "accepted", commandId, threadId: "t", version } as Receipt }],
  errors: []
})

const commandsOf = (...entries: ReadonlyArray<CommandEntry>) =>
  new Map(entries.map((one) => [one.command.commandId as string, one]))

const receiptsOf = (...entries: ReadonlyArray<CommandEntry>) =>
  new Map(
    entries.map(({ acks, command: { commandId, threadId } }) => {
      const { receipt } = acks[0]!
      const version = receipt.status === "accepted" ? receipt.version : null
      return [commandId, { commandId, threadId, status: receipt.status, version, rejection: null }]
    })
  )

describe("lost", () => {
  const one = entry("c1", 1, 2, 1)
  const log = logOf([title("c1", "one")])

  it("is nothing where receipt and event are as they were acked", () => {
    expect(
      lost(evidenceOf({ commands: commandsOf(one), log: { ...log, receipts: receiptsOf(one) } }))
    ).toEqual([])
  })

  it("tells of an acked command without a receipt, with another one, and without its event", () => {
    const other = receiptsOf(entry("c1", 1, 2, 7))
    expect(lost(evidenceOf({ commands: commandsOf(one), log }))).toHaveLength(1)
    expect(lost(evidenceOf({ commands: commandsOf(one), log: { ...log, receipts: other } }))).toHaveLength(1)
    const empty = { ...logOf([]), receipts: receiptsOf(one) }
    expect(lost(evidenceOf({ commands: commandsOf(one), log: empty }))).toHaveLength(1)
  })

  it("tells of two answers to one command that are not the same", () => {
    const [first] = one.acks
    const twice = { ...one, acks: [first!, { at: 9, receipt: { ...first!.receipt, version: 2 } as Receipt }] }
    const stored = { ...log, receipts: receiptsOf(one) }
    expect(lost(evidenceOf({ commands: commandsOf(twice), log: stored }))).toHaveLength(1)
  })

  it("tells of text that a completed turn lacks, at its end and in its middle", () => {
    const done = { type: "thread.turn-completed" as const, data: { turnId: "turn", reason: "stop" } }
    const calls = [
      callOf(
        [
          ["abcdefghij", 1, 2],
          ["klmnopqrst", 3, 4]
        ],
        5
      )
    ]
    const holding = (text: string) => lost(evidenceOf({ calls, log: logOf([segment(0, text), done]) }))
    expect(holding("abcdefghijklmnopqrst")).toEqual([])
    expect(holding("abcdefghijklmno")).toHaveLength(1)
    expect(holding("abcdefghijmnopqrst").length).toBeGreaterThan(0)
  })
})

describe("duplicated", () => {
  it("tells of a command whose effects stand in two places", () => {
    expect(duplicated(evidenceOf({ log: logOf([title("c1", "a"), title("c1", "b")]) }))).toEqual([])
    const apart = logOf([title("c1", "a"), title("c2", "b"), title("c1", "a")])
    expect(duplicated(evidenceOf({ log: apart }))).toHaveLength(1)
  })

  it("tells of text that stands in the log again, and of text that nobody wrote", () => {
    const calls = [callOf([["abcdefghijklmnopqrst", 1, 2]], 3)]
    const claim = {
      type: "thread.session-opened" as const,
      data: { sessionId: "s", generation: 1, turnId: "turn" }
    }
    const holding = (text: string) => duplicated(evidenceOf({ calls, log: logOf([claim, segment(0, text)]) }))
    expect(holding("abcdefghijklmno")).toEqual([])
    expect(holding("abcdefghijfghijklmnopq")).toHaveLength(1)
    expect(holding("something else")).toHaveLength(1)
  })

  it("tells of a call that no claim stands for", () => {
    const calls = [callOf([]), callOf([])]
    expect(duplicated(evidenceOf({ calls }))).toHaveLength(1)
  })
})

describe("gaps", () => {
  it("tells of a row that is not what was written, of a head that is not the log's, and of a segment that skips", () => {
    const log = logOf([segment(0, "abc"), segment(3, "def")])
    expect(gaps(evidenceOf({ log }))).toEqual([])
    const forged = { ...log, rows: log.rows.map((row) => ({ ...row, actor: "somebody" })) }
    expect(gaps(evidenceOf({ log: forged }))).toHaveLength(1)
    expect(gaps(evidenceOf({ log: { ...log, rows: log.rows.slice(0, 1) } }))).toHaveLength(1)
    expect(gaps(evidenceOf({ log: logOf([segment(0, "abc"), segment(4, "ef")]) }))).toHaveLength(1)
  })

  it("tells of text that lies in the checkpoint of an ended session", () => {
    const log = { ...logOf([]), checkpointed: new Set(["default/t"]) }
    expect(gaps(evidenceOf({ log }))).toHaveLength(1)
  })
})

describe("inversions", () => {
  const log = logOf([title("late", "a"), title("early", "b")])

  it("tells of a command that stands before one which was acked before it was sent", () => {
    const commands = commandsOf(entry("early", 1, 2, 2), entry("late", 3, 4, 1))
    expect(inversions(evidenceOf({ commands, log }))).toHaveLength(1)
  })

  it("allows any order of commands that were on their way at once", () => {
    const commands = commandsOf(entry("early", 1, 4, 2), entry("late", 3, 5, 1))
    expect(inversions(evidenceOf({ commands, log }))).toEqual([])
  })
})

describe("viewMismatches", () => {
  const log = logOf([title("c1", "a"), title("c2", "b")])
  const seenOf = (events: typeof log.events) => {
    const seen = new Seen("t")
    seen.take(events)
    return evidenceOf({ log, subscribers: [{ whose: "somebody", seen }] })
  }

  it("tells of a subscriber who was shown less, or something else", () => {
    expect(viewMismatches(seenOf(log.events))).toEqual([])
    expect(viewMismatches(seenOf(log.events.slice(0, 1)))).toHaveLength(1)
    expect(viewMismatches(seenOf(logOf([title("c1", "a"), title("c2", "other")]).events))).toHaveLength(1)
  })

  it("tells of a view that is not the fold", () => {
    const seen = new Seen("t")
    seen.take(log.events)
    const viewed = (view: typeof seen.view) =>
      viewMismatches(evidenceOf({ log, views: [{ whose: "somebody", view }] }))
    expect(viewed(seen.view)).toEqual([])
    expect(viewed({ ...seen.view, title: "another" })).toHaveLength(1)
  })
})

describe("lostBufferedMsMax", () => {
  const kill = { process: 0, at: 5_000 }
  const lostOf = (pieces: Parameters<typeof callOf>[0], durable = "abc") =>
    lostBuffered(
      evidenceOf({ calls: [callOf(pieces)], serverKills: [kill], log: logOf([segment(0, durable)]) })
    )[0]?.lost

  it("is the time from when the earliest lost character was taken until the kill", () => {
    expect(
      lostOf([
        ["abc", 4_000, 4_001],
        ["def", 4_200, 4_200],
        ["ghi", 4_900, 4_900]
      ])
    ).toBe(800)
    expect(lostOf([["abc", 4_000, 4_001]])).toBeUndefined()
  })

  it("leaves out time in which the runtime was kept waiting, and ends with the last thing taken where it still was", () => {
    expect(
      lostOf([
        ["abc", 1_000, 1_001],
        ["def", 1_100, 1_100],
        ["ghi", 1_600, 4_600]
      ])
    ).toBe(900)
    expect(
      lostOf([
        ["abc", 1_000, 1_001],
        ["def", 1_100, 1_100],
        ["ghi", 2_000, 2_000],
        ["jkl", 2_100, null]
      ])
    ).toBe(900)
  })

  it("leaves out time in which the process did not run", () => {
    const pieces = [
      ["abc", 3_000, 3_000],
      ["def", 3_100, 3_100]
    ] as const
    const signs = [3_000, 3_050, 3_100, 3_150, 4_150, 4_200]
    const found = lostBuffered(
      evidenceOf({
        calls: [callOf(pieces, null, signs)],
        serverKills: [{ process: 0, at: 4_250 }],
        log: logOf([segment(0, "abc")])
      })
    )
    expect(found[0]).toMatchObject({ lost: 150, age: 1_150 })
  })

  it("is nothing for text that was never taken, and for a call that had returned", () => {
    expect(
      lostOf([
        ["abc", 4_000, 4_001],
        ["def", 4_200, null]
      ])
    ).toBeUndefined()
    const calls = [callOf([["abcdef", 1, 2]], 10)]
    expect(lostBuffered(evidenceOf({ calls, serverKills: [kill], log: logOf([segment(0, "abc")]) }))).toEqual(
      []
    )
  })
})

describe("killsInMidText", () => {
  const at = (killedAt: number, returnedAt: number | null = null) =>
    killsInMidText({
      calls: [callOf([["abc", 1_000, 1_001]], returnedAt)],
      serverKills: [{ process: 0, at: killedAt }]
    })

  it("counts a kill shortly after a piece of a text that goes on, and no other", () => {
    expect([at(1_050), at(3_000), at(1_050, 1_020)]).toEqual([1, 0, 0])
  })
})
