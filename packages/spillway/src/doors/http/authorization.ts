/** Asks for the token where the contract says so. */
import { Authorization, Unauthorized } from "@spillway/contracts/http-api"
import { Effect, Layer, Redacted } from "effect"
import type { DoorSettings } from "../../SpillwaySettings.ts"
import { isToken } from "../token.ts"

export const layerAuthorization = ({ token }: DoorSettings) =>
  Layer.succeed(
    Authorization,
    Authorization.of({
      token: (answer, { credential }) =>
        token === null || isToken(token, Redacted.value(credential)) ? answer : Effect.fail(unauthorized)
    })
  )

const unauthorized = new Unauthorized({
  code: "unauthorized",
  detail:
    "The token is missing or wrong: send the server's SPILLWAY_TOKEN in the header `Authorization: Bearer …`.",
  retryable: false
})
