import { TurnId } from "@spillway/contracts"
import { describe, expect, it } from "vitest"
import { askOf, closeTurn, create, interrupt, retry, start } from "../../testing/commands.ts"
import { eventsOf, given } from "../../testing/scenario.ts"

const [a, b] = ["a", "b"].map((id) => TurnId.make(id)) as [TurnId, TurnId]
const choice = { runtime: "scripted" }
const error = { code: "Overloaded", message: "Come back later." }

describe("retrying a turn", () => {
  it("A8 takes a failed or interrupted turn and answers its message again", () => {
    for (const outcome of ["failed", "interrupted"] as const) {
      given(create(), start("a", { choice }), closeTurn("a", outcome, error))
        .when(retry("a", "b"))
        .then([
          {
            type: "thread.turn-start-requested",
            data: { turnId: b, messageId: askOf("a"), assistantDeliveryMode: "buffered", choice, retryOf: a }
          },
          { type: "thread.turn-started", data: { turnId: b } }
        ])
    }
  })

  it("A8 takes a turn that was removed from the queue", () => {
    given(create(), start("x"), start("a"), interrupt("a"))
      .when(retry("a", "b"))
      .thenTypes("thread.turn-start-requested", "thread.turn-queued")
  })

  it("A8 refuses a turn that completed, goes on, waits, is unknown, or was retried", () => {
    const failed = eventsOf(create(), start("a"), closeTurn("a", "failed", error))
    given(create(), start("a"), closeTurn("a"))
      .when(retry("a", "b"))
      .thenRejected("TurnNotRetryable", /completed/)
    given(create(), start("a"))
      .when(retry("a", "b"))
      .thenRejected("TurnNotRetryable", /not ended/)
    given(create(), start("x"), start("a"))
      .when(retry("a", "b"))
      .thenRejected("TurnNotRetryable", /not ended/)
    given(create())
      .when(retry("a", "b"))
      .thenRejected("TurnNotFound", /no turn a/)
    given(failed)
      .when(retry("a", "a"))
      .thenRejected("TurnAlreadyExists", /another turn id/)
    given(
      create(),
      start("a"),
      closeTurn("a", "failed", error),
      retry("a", "b"),
      closeTurn("b", "failed", error)
    )
      .when(retry("a", "c"))
      .thenRejected("TurnNotRetryable", /retried as turn b/)
  })

  it("A8 takes a retry that failed in its turn", () => {
    const state = given(
      create(),
      start("a"),
      closeTurn("a", "failed", error),
      retry("a", "b"),
      closeTurn("b", "failed", error)
    )
      .when(retry("b", "c"))
      .state()
    expect(state.turns).toMatchObject({
      a: { retriedBy: b },
      b: { retriedBy: "c", retryOf: a },
      c: { retryOf: b }
    })
  })

  it("T2 keeps the mode of the turn it retries", () => {
    for (const mode of ["streaming", "paragraph"] as const) {
      const state = given(
        create(),
        start("a", { assistantDeliveryMode: mode }),
        closeTurn("a", "interrupted")
      )
        .when(retry("a", "b"))
        .state()
      expect(state.turns[b]?.mode).toBe(mode)
    }
  })

  it("waits in the queue while another turn is active", () => {
    given(create(), start("a"), closeTurn("a", "failed", error), start("x"))
      .when(retry("a", "b"))
      .then([
        {
          type: "thread.turn-start-requested",
          data: {
            turnId: b,
            messageId: askOf("a"),
            assistantDeliveryMode: "buffered",
            choice: {},
            retryOf: a
          }
        },
        { type: "thread.turn-queued", data: { turnId: b, because: "busy", front: false } }
      ])
  })
})
