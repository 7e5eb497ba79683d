import { DEFAULT_DELIVERY_MODE, MessageId, TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import { askOf, claim, closeTurn, create, interrupt, running, start, steer } from "../../testing/commands.ts"
import { eventsOf, given, stateAfter } from "../../testing/scenario.ts"

const [a, b, c] = ["a", "b", "c"].map((id) => TurnId.make(id)) as [TurnId, TurnId, TurnId]
const choice = { runtime: "scripted", model: "m", options: { temperature: 0 } }

describe("starting a turn", () => {
  it("T1 carries the mode of the command, and the one default when it names none", () => {
    expect(DEFAULT_DELIVERY_MODE).toBe("buffered")
    given(create())
      .when(start("a", { assistantDeliveryMode: "paragraph", choice }))
      .then([
        {
          type: "thread.turn-start-requested",
          data: {
            turnId: a,
            messageId: askOf("a"),
            assistantDeliveryMode: "paragraph",
            choice,
            retryOf: null
          }
        },
        {
          type: "thread.message-sent",
          data: { messageId: askOf("a"), turnId: a, role: "user", text: "hello" }
        },
        { type: "thread.turn-started", data: { turnId: a } }
      ])
    const [requested] = given(create()).when(start("a")).events()
    expect(requested).toMatchObject({ data: { assistantDeliveryMode: DEFAULT_DELIVERY_MODE, choice: {} } })
  })

  it("A15 keeps the role of priming", () => {
    const [, sent] = given(create())
      .when(start("a", { role: "system" }))
      .events()
    expect(sent).toMatchObject({ type: "thread.message-sent", data: { role: "system" } })
  })

  it("T14 makes the turn the active one until it ends", () => {
    const events = eventsOf(create(), start("a"))
    expect(stateAfter(events).active?.turnId).toBe(a)
    const ended = given(events).when(closeTurn("a")).state()
    expect(ended.active).toBeNull()
    expect(ended.turns[a]?.status).toBe("completed")
  })

  it("waits in the queue while another turn is active, which is what happens when nothing is said", () => {
    for (const start_ of [start("b"), start("b", { ifBusy: "queue" })]) {
      given(create(), start("a"))
        .when(start_)
        .then([
          {
            type: "thread.turn-start-requested",
            data: {
              turnId: b,
              messageId: askOf("b"),
              assistantDeliveryMode: "buffered",
              choice: {},
              retryOf: null
            }
          },
          {
            type: "thread.message-sent",
            data: { messageId: askOf("b"), turnId: b, role: "user", text: "hello" }
          },
          { type: "thread.turn-queued", data: { turnId: b, because: "busy", front: false } }
        ])
    }
  })

  it("T2 keeps its own mode in the queue", () => {
    const state = given(
      create(),
      start("a", { assistantDeliveryMode: "streaming" }),
      start("b", { assistantDeliveryMode: "paragraph" })
    )
      .when(closeTurn("a"))
      .state()
    expect(state.active?.turnId).toBe(b)
    expect(state.turns).toMatchObject({ a: { mode: "streaming" }, b: { mode: "paragraph" } })
  })

  it("is refused while another turn is active, if that was wished", () => {
    given(create(), start("a"))
      .when(start("b", { ifBusy: "reject" }))
      .thenRejected("TurnAlreadyActive", /queue/)
    given(create())
      .when(start("b", { ifBusy: "reject" }))
      .thenTypes("thread.turn-start-requested", "thread.message-sent", "thread.turn-started")
  })

  it("interrupts the active turn and goes before those that wait", () => {
    const before = [create(), start("a"), claim("a"), start("b")] as const
    given(...before)
      .when(start("c", { ifBusy: "interrupt" }))
      .then([
        { type: "thread.turn-interrupt-requested", data: { turnId: a } },
        {
          type: "thread.turn-start-requested",
          data: {
            turnId: c,
            messageId: askOf("c"),
            assistantDeliveryMode: "buffered",
            choice: {},
            retryOf: null
          }
        },
        {
          type: "thread.message-sent",
          data: { messageId: askOf("c"), turnId: c, role: "user", text: "hello" }
        },
        { type: "thread.turn-queued", data: { turnId: c, because: "busy", front: true } }
      ])
    expect(
      given(...before)
        .when(start("c", { ifBusy: "interrupt" }))
        .state().queue
    ).toEqual([c, b])
  })

  it("does not ask for an interrupt that was asked for already", () => {
    given(create(), start("a"), claim("a"), interrupt("a"))
      .when(start("b", { ifBusy: "interrupt" }))
      .thenTypes("thread.turn-start-requested", "thread.message-sent", "thread.turn-queued")
  })

  it("takes the place of an active turn that no runtime has claimed, at once", () => {
    const scenario = given(create(), start("a"), start("b")).when(start("c", { ifBusy: "interrupt" }))
    scenario.thenTypes(
      "thread.turn-interrupt-requested",
      "thread.turn-start-requested",
      "thread.message-sent",
      "thread.turn-queued",
      "thread.turn-interrupted",
      "thread.turn-started"
    )
    expect(scenario.state()).toMatchObject({
      active: { turnId: c },
      queue: [b],
      turns: { a: { status: "interrupted" } }
    })
  })

  it("steers the active turn where the runtime can take it, and keeps what the turn would be if it is left over", () => {
    given(...running("a"))
      .when(start("b", { ifBusy: "steer", assistantDeliveryMode: "streaming", choice, role: "system" }))
      .then([
        {
          type: "thread.message-sent",
          data: { messageId: askOf("b"), turnId: a, role: "system", text: "hello" }
        },
        {
          type: "thread.turn-steered",
          data: {
            turnId: a,
            messageId: askOf("b"),
            nextTurnId: b,
            assistantDeliveryMode: "streaming",
            choice
          }
        }
      ])
  })

  it("falls back to the queue where the runtime can't be steered, and says so", () => {
    const unclaimed = given(create(), start("a"))
    const deaf = given(...running("a", { canSteer: false }))
    const stopping = given(...running("a"), interrupt("a"))
    for (const busy of [unclaimed, deaf, stopping]) {
      const events = busy.when(start("b", { ifBusy: "steer" })).events()
      expect(events.map((event) => event.type)).toEqual([
        "thread.turn-start-requested",
        "thread.message-sent",
        "thread.turn-queued"
      ])
      expect(events[2]).toEqual({
        type: "thread.turn-queued",
        data: { turnId: b, because: "cannot-steer", front: false }
      })
    }
  })

  it("refuses ids that were used before, whatever became of their turns", () => {
    const before = [create(), start("a"), closeTurn("a"), start("b"), start("c"), interrupt("c")] as const
    for (const used of ["a", "b", "c"]) {
      given(...before)
        .when(start(used, { messageId: MessageId.make("new") }))
        .thenRejected("TurnAlreadyExists", /another turn id/)
      given(...before)
        .when(start("new", { messageId: askOf(used) }))
        .thenRejected("MessageAlreadyExists", /another message id/)
    }
  })

  it("refuses the id that a steering message may yet become a turn under", () => {
    given(...running("a"), steer("a", "b"))
      .when(start("b", { messageId: MessageId.make("new") }))
      .thenRejected("TurnAlreadyExists", /another turn id/)
  })

  it("takes ids that are names of JavaScript for what they are: ids", () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      const turn = TurnId.make(name)
      const state = given(create())
        .when(start(name, { messageId: MessageId.make(name) }))
        .state()
      expect(Object.keys(state.turns)).toEqual([name])
      expect(state.active?.turnId).toBe(turn)
      const again = JSON.parse(JSON.stringify(state)) as typeof state
      expect(Object.keys(again.turns)).toEqual([name])
      given(create())
        .when(interrupt(name))
        .thenRejected("TurnNotFound", /Name one of its turns/)
    }
  })
})
