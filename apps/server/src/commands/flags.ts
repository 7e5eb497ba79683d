/** Flags that several commands have, and what they mean. */
import { WEBSOCKET_PATH } from "@spillway/contracts"
import { Flag } from "effect/cli"
import { Config, Effect, Option } from "effect"
import { DEFAULT_PORT } from "../config/settings.ts"
import { commandFailed } from "./CommandFailed.ts"
import type { ServerAddress } from "./ServerClient.ts"

export const thread = Flag.String("thread").pipe(
  Flag.withAlias("t"),
  Flag.withMetavar("ID"),
  Flag.withDescription("The thread's id, chosen by you: printable ASCII characters without spaces")
)

export const json = Flag.Boolean("json").pipe(
  Flag.withDescription("One JSON object per line, for programs"),
  Flag.withDefault(false)
)

/** Where the server is, and its token. */
export const server = {
  url: Flag.String("url").pipe(
    Flag.withMetavar("ws://HOST:PORT"),
    Flag.withDescription(
      `The server. Default: SPILLWAY_URL, else ws://127.0.0.1 at SPILLWAY_PORT (${DEFAULT_PORT})`
    ),
    Flag.optional
  ),
  token: Flag.String("token").pipe(
    Flag.withMetavar("TOKEN"),
    Flag.withDescription("The server's token. Default: SPILLWAY_TOKEN"),
    Flag.optional
  )
}

const variable = (name: string) =>
  Config.option(Config.String(name)).pipe(
    Effect.map((text) => Option.filter(text, (value) => value.trim() !== "")),
    Effect.orElseSucceed(() => Option.none<string>())
  )

export const serverAddress = Effect.fnUntraced(function* (given: {
  readonly url: Option.Option<string>
  readonly token: Option.Option<string>
}) {
  const port = Option.getOrElse(yield* variable("SPILLWAY_PORT"), () => String(DEFAULT_PORT))
  const named = Option.isSome(given.url) ? given.url : yield* variable("SPILLWAY_URL")
  const token = Option.isSome(given.token) ? given.token : yield* variable("SPILLWAY_TOKEN")
  const said = Option.getOrElse(named, () => `ws://127.0.0.1:${port}`)
  const url = URL.parse(/^\w+:\/\//.test(said) ? said : `ws://${said}`)
  const protocol = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" }[url?.protocol ?? ""]
  if (url === null || protocol === undefined) {
    return yield* commandFailed(`${said} is no address of a server: write it as ws://host:port.`)
  }
  const address: ServerAddress = {
    url: `${protocol}//${url.host}${url.pathname === "/" ? WEBSOCKET_PATH : url.pathname}`,
    token: Option.getOrUndefined(token)
  }
  return address
})
