import { Schema } from "effect"
import { describe, expect, it } from "vitest"
import { CommandId, ThreadId } from "../Ids.ts"
import { RejectionTag } from "../Rejection.ts"
import { Problem, rejectionProblem } from "./Problem.ts"

const rejected = (tag: RejectionTag) =>
  ({
    status: "rejected",
    commandId: CommandId.make("c1"),
    threadId: ThreadId.make("t1"),
    rejection: { _tag: tag, message: "No." }
  }) as const

/** Where it is not 409. */
const statuses: Partial<Record<RejectionTag, number>> = {
  ThreadNotFound: 404,
  TurnNotFound: 404,
  RequestNotFound: 404,
  ThreadDeleted: 410,
  CommandTooLarge: 413,
  ResponseDoesNotFit: 422
}

const ofRuntimes = RejectionTag.literals.slice(RejectionTag.literals.indexOf("SessionNotOpen"))

describe("the problem of a refused command", () => {
  for (const tag of RejectionTag.literals.filter((tag) => !ofRuntimes.includes(tag))) {
    it(`${tag} has the tag as its code and the receipt beside it`, () => {
      const receipt = rejected(tag)
      const problem = rejectionProblem(receipt)
      const encoded = Schema.encodeSync(Problem)(problem)
      expect(encoded).toMatchObject({
        type: "about:blank",
        status: statuses[tag] ?? 409,
        code: tag,
        detail: "No.",
        retryable: false,
        receipt
      })
      expect(Schema.decodeSync(Problem)(encoded)).toEqual(problem)
    })
  }

  it("is a bug of the server where the refusal is meant for runtimes", () => {
    for (const tag of ofRuntimes) {
      expect(rejectionProblem(rejected(tag))).toMatchObject({ status: 500, code: "internal" })
    }
  })
})
