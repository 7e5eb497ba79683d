/** Commands: a receipt after commit, or the problem that says why not. */
import { Schema } from "effect"
import { HttpApiEndpoint, HttpApiGroup, OpenApi } from "effect/http-api"
import { ClientCommand } from "../commands/ClientCommand.ts"
import { Accepted } from "../Receipt.ts"
import { Authorization } from "./Authorization.ts"
import { documentation } from "./documentation.ts"
import * as examples from "./examples.ts"
import { IdempotencyKey } from "./parameters.ts"
import {
  anyProblem,
  Conflict,
  ContentTooLarge,
  Gone,
  NotFound,
  RequestTimeout,
  UnprocessableContent,
  UnsupportedMediaType
} from "./Problem.ts"

type WithoutId<C> = C extends { readonly commandId: infer Id }
  ? Omit<C, "commandId"> & { readonly commandId?: Id }
  : never

/** A client's command, whose id may stand in the header `Idempotency-Key` instead. */
export type CommandBody = WithoutId<ClientCommand>

export const CommandBody = Schema.Union(
  ClientCommand.members.map(({ fields }) =>
    Schema.Struct({ ...fields, commandId: Schema.optionalKey(fields.commandId) })
  )
) as unknown as Schema.Codec<CommandBody>

const dispatch = HttpApiEndpoint.post("dispatch", "/v1/commands", {
  headers: { "idempotency-key": IdempotencyKey },
  payload: CommandBody,
  success: Accepted,
  error: [
    ...anyProblem,
    NotFound,
    RequestTimeout,
    Conflict,
    Gone,
    ContentTooLarge,
    UnsupportedMediaType,
    UnprocessableContent
  ]
})

export class CommandsApi extends HttpApiGroup.make("commands")
  .add(
    dispatch.annotateMerge(
      documentation({
        summary: "Send a command",
        description: [
          "Answers with the receipt once the command is committed: `accepted` has no other meaning. A GET that follows sees what it did.",
          "The command's id makes it safe to send again: the same command gets the same receipt and has one effect, today and after a restart. The id is the body's `commandId` or the header `Idempotency-Key`, taken as it is; where both are given they must be the same.",
          "A refused command is a problem whose `code` names what the caller can do, and whose `receipt` is remembered too. `503` is no refusal: send the same command again, and its receipt tells what happened."
        ],
        curl: `{server}/v1/commands \\\n  -H 'Content-Type: application/json' -H 'Idempotency-Key: c2' \\\n  -d '${JSON.stringify(examples.turnStart)}'`,
        parameters: {
          "idempotency-key": {
            description: "The command's id, where the body has none: 1 to 128 printable ASCII characters.",
            example: "c2"
          }
        },
        body: {
          "thread.create": examples.threadCreate,
          "thread.turn.start": examples.turnStart,
          "thread.turn.interrupt": examples.turnInterrupt,
          "thread.request.respond": examples.requestRespond
        },
        answer: examples.receipt
      })
    )
  )
  .middleware(Authorization)
  .annotateMerge(
    OpenApi.annotations({
      title: "Commands",
      description:
        "What a client may ask for: create threads, start, interrupt, retry and steer turns, answer requests."
    })
  ) {}
