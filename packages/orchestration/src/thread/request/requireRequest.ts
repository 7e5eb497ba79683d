import { reject, type Rejection, type RequestId, type RequestResponse } from "@spillway/contracts"
import { Result } from "effect"
import { lookup } from "../record.ts"
import type { ActiveTurn, PendingRequest, ThreadState } from "../ThreadState.ts"

/** The request waits for an answer. The first one wins. */
export const requirePendingRequest = (
  state: ThreadState,
  requestId: RequestId
): Result.Result<{ readonly active: ActiveTurn; readonly request: PendingRequest }, Rejection> => {
  const request = state.active === null ? undefined : lookup(state.active.pendingRequests, requestId)
  if (state.active !== null && request !== undefined) return Result.succeed({ active: state.active, request })
  const ended = lookup(state.endedRequests, requestId)
  if (ended === "resolved") {
    return Result.fail(
      reject("RequestAlreadyResolved", `Request ${requestId} was answered already. The first answer stands.`)
    )
  }
  if (ended === "withdrawn") {
    return Result.fail(
      reject(
        "RequestWithdrawn",
        `Request ${requestId} was withdrawn, and nobody waits for its answer any more.`
      )
    )
  }
  return Result.fail(
    reject(
      "RequestNotFound",
      `Thread ${state.threadId} has no request ${requestId}. Name one that is pending.`
    )
  )
}

export const requireAnsweredRequest = (
  state: ThreadState,
  requestId: RequestId
): Result.Result<void, Rejection> =>
  lookup(state.endedRequests, requestId) === "resolved"
    ? Result.void
    : Result.fail(
        reject(
          "RequestNotFound",
          `Thread ${state.threadId} has no answer to request ${requestId}. Take it when the request is resolved.`
        )
      )

export const requireNewRequest = (state: ThreadState, requestId: RequestId): Result.Result<void, Rejection> =>
  lookup(state.endedRequests, requestId) !== undefined ||
  (state.active !== null && lookup(state.active.pendingRequests, requestId) !== undefined)
    ? Result.fail(
        reject(
          "RequestAlreadyExists",
          `Request ${requestId} exists already in thread ${state.threadId}. Choose another request id.`
        )
      )
    : Result.void

/** The response answers what was asked: its kind, every question, and nothing else. */
export const requireFittingResponse = (
  request: PendingRequest,
  response: RequestResponse
): Result.Result<void, Rejection> => {
  const misfit = misfitOf(request, response)
  return misfit === undefined ? Result.void : Result.fail(reject("ResponseDoesNotFit", misfit))
}

const misfitOf = (
  { kind, questions, requestId }: PendingRequest,
  response: RequestResponse
): string | undefined => {
  if (response.type !== kind) {
    return `Request ${requestId} is of kind ${kind}. Answer with a response of type "${kind}".`
  }
  // A request without questions asks by its title, and the answer goes under whatever name the client likes.
  if (response.type === "approval" || questions.length === 0) return undefined
  const stranger = Object.keys(response.answers).find(
    (id) => !questions.some((question) => question.id === id)
  )
  if (stranger !== undefined) return `Request ${requestId} has no question ${stranger}. Leave its answer out.`
  for (const { id, options } of questions) {
    const answer = lookup(response.answers, id)
    if (answer === undefined)
      return `Question ${id} of request ${requestId} has no answer. Answer every question.`
    if (options !== undefined && options.length > 0 && !options.includes(answer)) {
      return `Question ${id} of request ${requestId} has options. Answer with one of: ${options.join(", ")}.`
    }
  }
  return undefined
}
