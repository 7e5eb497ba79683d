/** A turn's text through crashes at any moment, with a source that goes on behind the cursor and cuts its text otherwise. */
import type { DeliveryMode, ProviderRuntimeEvent, TurnView } from "@spillway/contracts"
import { ToolCallId } from "@spillway/contracts"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { noRedactor, Redactor, type RedactorService } from "../Redactor.ts"
import { LogModel, threadId, turnId } from "../testing/LogModel.ts"
import { type Resume, resumeFrom } from "./Resume.ts"
import { TurnWriter } from "./TurnWriter.ts"

/** Small, so that a short text meets all of them. */
const LIMITS = { spill: 60, streamingSegment: 25, streamingAge: 400, paragraphInterval: 50 }
const AGE = 300

const redactor = Redactor.defaultValue()

/** Says nothing of what it holds back. */
const silent: RedactorService = {
  ...redactor,
  stream: () => {
    const stream = redactor.stream()
    return { push: (delta) => stream.push(delta), end: () => stream.end() }
  }
}

const newWriter = (log: LogModel, mode: DeliveryMode, redactor: RedactorService, resume: Resume | null) =>
  new TurnWriter({
    state: log.state,
    resume,
    threadId,
    turnId,
    mode,
    runtime: "remote",
    announcesSteps: () => true,
    outlivesServer: true,
    redactor,
    limits: LIMITS,
    checkpointAge: AGE,
    flushed: () => {}
  })

/** The texts that are written side by side; each has letters of its own, by which it is known again. */
const Track = fc.constantFrom("latin", "greek", "thought", "output")
type Track = typeof Track extends fc.Arbitrary<infer A> ? A : never

const call = ToolCallId.make("call")

const deltaOf = (track: Track, delta: string): ProviderRuntimeEvent =>
  track === "output"
    ? { type: "tool-call.output-delta", toolCallId: call, delta }
    : { type: "text.delta", itemId: track, kind: track === "thought" ? "reasoning" : "text", delta }

const boundary: ProviderRuntimeEvent = { type: "notice", level: "info", text: "a boundary" }

/** Words of which some are keys, and some begin like them. */
const latin = fc.constantFrom(
  "word ",
  "s ",
  "sk-fading-circle ",
  "ghp_short ",
  "\n\n",
  "```\n",
  "sk-proj-abcdefghij0123456789klm ",
  "AKIA0123456789ABCDEF.",
  "Bearer abcdefghijklmnop0123456789abcdefghij\n"
)
const greek = fc.constantFrom("αβγ", "δ", "🏛️", "👋🏽", "ωψ")
const text = (track: Track) => (track === "greek" ? greek : latin)

/** What a source has to say, as runs of text of one track, and boundaries. */
const Run = fc.oneof(
  {
    weight: 8,
    arbitrary: Track.chain((track) =>
      fc.record({
        track: fc.constant(track),
        text: fc.array(text(track), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""))
      })
    )
  },
  { weight: 1, arbitrary: fc.constant({ track: null, text: "" }) }
)
type Run = { readonly track: Track | null; readonly text: string }

/** Events that say it, each run cut where `cuts` say; a pair of surrogates may be torn. */
const eventsOf = (
  runs: ReadonlyArray<Run>,
  cuts: ReadonlyArray<number>
): ReadonlyArray<ProviderRuntimeEvent> => {
  let next = 0
  return runs.flatMap(({ text, track }) => {
    if (track === null) return [boundary]
    const events: Array<ProviderRuntimeEvent> = []
    for (let at = 0; at < text.length;) {
      const units = 1 + (cuts[next++ % cuts.length] ?? 7)
      events.push(deltaOf(track, text.slice(at, at + units)))
      at += units
    }
    return events
  })
}

/** What is left of what a source has to say, behind the events before it. */
const runsOf = (events: ReadonlyArray<ProviderRuntimeEvent>): ReadonlyArray<Run> => {
  const runs: Array<{ track: Track | null; text: string }> = []
  for (const event of events) {
    const track =
      event.type === "text.delta" ? (event.itemId as Track) : event.type === "notice" ? null : "output"
    const text = "delta" in event ? event.delta : ""
    const last = runs.at(-1)
    if (last !== undefined && track !== null && last.track === track) last.text += text
    else runs.push({ track, text })
  }
  return runs
}

const Cuts = fc.array(fc.nat(9), { minLength: 1, maxLength: 8 })

/** What happens between two events: some come again, time goes by, the worker works, and its process crashes before or after a commit. */
const Move = fc.record({
  again: fc.constantFrom(0, 0, 0, 1, 5),
  wait: fc.constantFrom(0, 0, 40, 150, 450),
  works: fc.boolean(),
  crash: fc.constantFrom(...Array.from({ length: 12 }, () => "no" as const), "before", "after")
})
type Move = typeof Move extends fc.Arbitrary<infer A> ? A : never

const opening: ReadonlyArray<ProviderRuntimeEvent> = [
  { type: "tool-call.started", toolCallId: call, name: "run", input: {} }
]
const closing: ReadonlyArray<ProviderRuntimeEvent> = [
  { type: "tool-call.completed", toolCallId: call, status: "completed", result: null },
  { type: "turn.completed" }
]

interface Story {
  readonly mode: DeliveryMode
  readonly redactor: RedactorService
  readonly runs: ReadonlyArray<Run>
  readonly cuts: ReadonlyArray<ReadonlyArray<number>>
  readonly moves: ReadonlyArray<Move>
}

/** Plays a story; the result is the turn, and how often it was cut off. One that does not go on ends with the first crash. */
const play = ({ cuts, mode, moves, redactor, runs }: Story, goesOn = true) => {
  const log = new LogModel()
  let events = [...opening, ...eventsOf(runs, cuts[0]!), ...closing]
  let writer = newWriter(log, mode, redactor, null)
  let now = 0
  let crashes = 0
  let step = 0

  const commit = (): void => {
    const through = writer.durableThrough()
    if (through < log.cursor().through) expect.fail(`the cursor goes back to ${through}`)
    const commands = writer.pending()
    log.append(commands, writer.unflushed(), through)
    writer.confirm(commands.length, log.state.version)
  }

  for (let sequence = 1; log.state.active !== null; sequence++) {
    writer.accept(events[sequence - 1]!, sequence, now)
    const move = moves[step++ % moves.length]!
    for (let again = Math.max(1, sequence - move.again); again < sequence; again++) {
      writer.accept(events[again - 1]!, again, now)
    }
    now += move.wait
    // The last event ends the turn, and with it the worker.
    if (!move.works && sequence < events.length) continue
    writer.tick(now)
    writer.keep(now)
    if (move.crash !== "before" || crashes > 20) {
      if (writer.pending().length + writer.unflushed().length > 0) commit()
      const since = writer.atRiskSince()
      if (since !== null && now - since >= AGE) expect.fail(`text is at risk for ${now - since} ms`)
    }
    if (move.crash === "no" || crashes > 20 || log.state.active === null) continue

    crashes++
    const cursor = log.cursor()
    const checkpoint = log.checkpoint()
    log.promote()
    if (!goesOn) break
    writer = newWriter(log, mode, redactor, resumeFrom(cursor, checkpoint, log.turn()))
    const rest = runsOf(events.slice(cursor.through, -closing.length))
    events = [
      ...events.slice(0, cursor.through),
      ...(cursor.through === 0 ? opening : []),
      ...eventsOf(cursor.through === 0 ? runs : rest, cuts[crashes % cuts.length]!),
      ...closing.slice(Math.max(0, cursor.through - (events.length - closing.length)))
    ]
    sequence = Math.max(0, cursor.through - move.again)
  }
  return { turn: log.turn(), crashes }
}

const isGreek = /\P{ASCII}/gu

/** Each track's text, wherever its parts stand. */
const textsOf = (turn: TurnView) => {
  const texts = { latin: "", greek: "", thought: "", output: "" }
  const written = turn.messages.filter((message) => message.role === "assistant")
  for (const part of written.flatMap((message) => message.parts)) {
    if (part.type === "tool-call") texts.output += part.output
    else if (part.type === "reasoning") texts.thought += part.text
    else {
      texts.greek += (part.text.match(isGreek) ?? []).join("")
      texts.latin += part.text.replaceAll(isGreek, "")
    }
  }
  return texts
}

const story = (redactor: RedactorService) =>
  fc.record({
    mode: fc.constantFrom<DeliveryMode>("buffered", "streaming", "paragraph"),
    redactor: fc.constant(redactor),
    runs: fc.array(Run, { minLength: 1, maxLength: 12 }),
    cuts: fc.array(Cuts, { minLength: 1, maxLength: 4 }),
    moves: fc.array(Move, { minLength: 1, maxLength: 30 })
  })

const undisturbed = (told: Story) =>
  play({ ...told, moves: [{ again: 0, wait: 0, works: true, crash: "no" }] })

describe("a turn whose process crashes at any moment, with a source that sends the rest cut otherwise", () => {
  for (const [name, by] of [
    ["with the redactor", redactor],
    ["with a redactor that does not tell what it holds back", silent],
    ["without a redactor", noRedactor]
  ] as const) {
    it(`T21 neither repeats nor skips a character, ${name}`, () => {
      let crashes = 0
      fc.assert(
        fc.property(story(by), (told) => {
          const disturbed = play(told)
          crashes += disturbed.crashes
          expect(disturbed.turn.status).toBe("completed")
          expect(textsOf(disturbed.turn)).toEqual(textsOf(undisturbed(told).turn))
        }),
        { numRuns: 2_000 }
      )
      expect(crashes).toBeGreaterThan(700)
    })
  }

  it("A7 leaves the beginning of each text, once it is taken to the log", () =>
    fc.assert(
      fc.property(story(redactor), (told) => {
        const left = textsOf(play(told, false).turn)
        const whole = textsOf(undisturbed(told).turn)
        for (const track of Object.keys(whole) as ReadonlyArray<Track>) {
          expect(whole[track].startsWith(left[track])).toBe(true)
        }
      }),
      { numRuns: 2_000 }
    ))
})
