/** The server's token, as `Authorization: Bearer …`. A server that runs without one asks for none. */
import { HttpApiMiddleware, HttpApiSecurity, OpenApi } from "effect/http-api"
import { Unauthorized } from "./Problem.ts"

export class Authorization extends HttpApiMiddleware.Service<Authorization>()(
  "@spillway/contracts/http-api/Authorization",
  {
    error: Unauthorized,
    security: {
      token: HttpApiSecurity.bearer.pipe(
        HttpApiSecurity.annotate(
          OpenApi.Description,
          "The server's token (SPILLWAY_TOKEN). A server that runs without one, on loopback, asks for none."
        )
      )
    }
  }
) {}
