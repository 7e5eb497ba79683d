import { MessageId, TurnId } from "@spillway/contracts"
import { describe, it } from "vitest"
import {
  archive,
  ask,
  claim,
  closeTurn,
  create,
  interrupt,
  openMessage,
  openStep,
  record,
  remove,
  respond,
  approve,
  retry,
  running,
  start,
  steer,
  unarchive,
  update
} from "../../testing/commands.ts"
import { given } from "../../testing/scenario.ts"

describe("the life of a thread", () => {
  it("is created with the title and the metadata that were given, and only these", () => {
    given([])
      .when(create({ title: "Plans", metadata: { team: "a" } }))
      .then([{ type: "thread.created", data: { title: "Plans", metadata: { team: "a" } } }])
    given([])
      .when(create())
      .then([{ type: "thread.created", data: {} }])
  })

  it("is created once, and its id is not used again after it was deleted", () => {
    given(create())
      .when(create())
      .thenRejected("ThreadAlreadyExists", /another id/)
    given(create(), archive)
      .when(create())
      .thenRejected("ThreadAlreadyExists", /another id/)
    given(create(), remove)
      .when(create())
      .thenRejected("ThreadDeleted", /another id/)
  })

  it("is updated with what changed; an empty update is still recorded", () => {
    given(create())
      .when(update({ title: "New" }))
      .then([{ type: "thread.updated", data: { title: "New" } }])
    given(create())
      .when(update({}))
      .then([{ type: "thread.updated", data: {} }])
  })

  it("is archived only while no turn is active, and taken back", () => {
    given(create())
      .when(archive)
      .then([{ type: "thread.archived", data: {} }])
    given(create(), start("a"))
      .when(archive)
      .thenRejected("TurnAlreadyActive", /Interrupt it or wait/)
    given(create(), archive)
      .when(unarchive)
      .then([{ type: "thread.unarchived", data: {} }])
    given(create())
      .when(unarchive)
      .thenRejected("ThreadNotArchived", /used as it is/)
  })

  const commands = [
    update({}),
    archive,
    start("b"),
    steer("a", "b"),
    interrupt("a"),
    retry("a", "b"),
    respond("r", approve),
    record({ type: "notice", level: "info", text: "hi" })
  ]

  it.each(commands)(
    "refuses $type where there is no thread, an archived or a deleted one, and says so",
    (command) => {
      given([])
        .when(command)
        .thenRejected("ThreadNotFound", /thread\.create/)
      given(create(), archive)
        .when(command)
        .thenRejected("ThreadArchived", /thread\.unarchive/)
      given(create(), remove)
        .when(command)
        .thenRejected("ThreadDeleted", /another thread/)
    }
  )

  it("refuses to take back or delete what is not there", () => {
    given([])
      .when(unarchive)
      .thenRejected("ThreadNotFound", /Create it/)
    given([])
      .when(remove)
      .thenRejected("ThreadNotFound", /Create it/)
    given(create(), remove)
      .when(remove)
      .thenRejected("ThreadDeleted", /deleted/)
    given(create(), remove)
      .when(unarchive)
      .thenRejected("ThreadDeleted", /deleted/)
  })

  it.each([claim("a"), openStep("a"), closeTurn("a")])(
    "lets no runtime work on a thread that is not there: $type",
    (command) => {
      given([])
        .when(command)
        .thenRejected("TurnNotFound", /no turn a/)
      given(create(), start("a"), remove)
        .when(command)
        .thenRejected("TurnNotActive", /has ended/)
    }
  )

  it("lets no runtime open a message or a request in a deleted thread", () => {
    given(...running("a"), remove)
      .when(openMessage("a"))
      .thenRejected("StepNotOpen", /not open/)
    given(...running("a"), remove)
      .when(ask("r"))
      .thenRejected("SessionNotOpen", /no open session/)
  })

  it("ends the active turn and removes the waiting ones when it is deleted, and starts none of them", () => {
    given(create(), archive)
      .when(remove)
      .then([{ type: "thread.deleted", data: {} }])
    const [a, b, c] = ["a", "b", "c"].map((id) => TurnId.make(id)) as [TurnId, TurnId, TurnId]
    given(create(), start("a"), start("b"), start("c"))
      .when(remove)
      .then([
        { type: "thread.turn-interrupted", data: { turnId: a, reason: "deleted" } },
        { type: "thread.turn-interrupted", data: { turnId: b, reason: "deleted" } },
        { type: "thread.turn-interrupted", data: { turnId: c, reason: "deleted" } },
        { type: "thread.deleted", data: {} }
      ])
    given(...running("a"), ask("r"), steer("a", "b", { messageId: MessageId.make("more") }), start("c"))
      .when(remove)
      .thenTypes(
        "thread.message-closed",
        "thread.step-closed",
        "thread.request-withdrawn",
        "thread.session-closed",
        "thread.turn-interrupted",
        "thread.turn-interrupted",
        "thread.deleted"
      )
  })
})
