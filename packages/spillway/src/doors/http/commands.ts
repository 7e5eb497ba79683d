/** `POST /v1/commands`. */
import { type ClientCommand, type CommandId, DEFAULT_TENANT } from "@spillway/contracts"
import {
  BadRequest,
  ContentTooLarge,
  InternalServerError,
  rejectionProblem,
  ServiceUnavailable,
  SpillwayHttpApi
} from "@spillway/contracts/http-api"
import { type CommandOrigin, ThreadEngine } from "@spillway/orchestration"
import { Effect, Result } from "effect"
import { HttpApiBuilder } from "effect/http-api"
import { decodeCommand } from "../decodeCommand.ts"
import { type CommandUnanswered, dispatchCommand } from "../dispatchCommand.ts"
import { jsonBody } from "./jsonBody.ts"

const origin: CommandOrigin = { tenant: DEFAULT_TENANT, actor: "client", correlationId: null }

export const layerCommands = HttpApiBuilder.group(
  SpillwayHttpApi,
  "commands",
  Effect.fnUntraced(function* (handlers) {
    const engine = yield* ThreadEngine
    return handlers.handleRaw(
      "dispatch",
      Effect.fnUntraced(function* ({ headers, request }) {
        const command = yield* commandOf(yield* jsonBody(request), headers["idempotency-key"])
        const receipt = yield* dispatchCommand(origin, command).pipe(
          Effect.provideService(ThreadEngine, engine),
          Effect.mapError(unansweredProblem)
        )
        if (receipt.status === "rejected") return yield* rejectionProblem(receipt)
        return receipt
      })
    )
  })
)

/** The command, with the id that the header gives it where it has none of its own. */
const commandOf = (
  body: Readonly<Record<string, unknown>>,
  key: CommandId | undefined
): Effect.Effect<ClientCommand, BadRequest | ContentTooLarge> => {
  const { commandId } = body
  if (commandId === undefined && key === undefined) {
    return invalid(
      "The command has no id: give it a `commandId`, or send one in the header `Idempotency-Key`, so that it can be sent again."
    )
  }
  if (commandId !== undefined && key !== undefined && commandId !== key) {
    return invalid(
      "The body's `commandId` and the header `Idempotency-Key` are not the same: send one of them, or the same in both."
    )
  }
  return Result.match(decodeCommand({ ...body, commandId: commandId ?? key }), {
    onSuccess: Effect.succeed,
    onFailure: ({ code, message: detail }) =>
      code === "text-too-long"
        ? Effect.fail(new ContentTooLarge({ code, detail, retryable: false }))
        : invalid(detail)
  })
}

const invalid = (detail: string) =>
  Effect.fail(new BadRequest({ code: "command-invalid", detail, retryable: false }))

const unansweredProblem = ({ code, message: detail, retryable }: CommandUnanswered) =>
  code === "internal"
    ? new InternalServerError({ code, detail, retryable })
    : new ServiceUnavailable({ code, detail, retryable })
