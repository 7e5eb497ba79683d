/** The AsyncAPI document of `spillway.v1`, from the schemas of its frames: pure, and the same each time. */
import { CloseCode, PROTOCOL, WEBSOCKET_PATH } from "../wire.ts"
import { closeCodes, errorCodes } from "./codes.ts"
import { components, messageName, type Json } from "./components.ts"
import { clientFrames, type FrameDocumentation, serverFrames } from "./frames.ts"

/** @param version of the server that answers. */
export const asyncApi = (version: string): Json => ({
  asyncapi: "3.0.0",
  info: {
    title: `Spillway: ${PROTOCOL}`,
    version,
    description: description.join("\n\n"),
    license: { name: "MIT" }
  },
  defaultContentType: "application/json",
  servers: {
    local: {
      host: "127.0.0.1:4000",
      protocol: "ws",
      description: "A server with the default settings. Behind TLS the protocol is wss.",
      security: [reference("securitySchemes", "token")]
    }
  },
  channels: {
    websocket: {
      address: WEBSOCKET_PATH,
      title: "The websocket",
      description: channelDescription(),
      servers: [{ $ref: "#/servers/local" }],
      messages: Object.fromEntries(
        frameTypes.map((type) => [messageName(type), reference("messages", messageName(type))])
      ),
      bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      "x-close-codes": Object.fromEntries(
        Object.entries(CloseCode)
          .toSorted(([, a], [, b]) => a - b)
          .map(([name, code]) => [code, closeCodes[name as keyof typeof CloseCode]])
      ),
      "x-error-codes": errorCodes
    }
  },
  operations,
  components: {
    schemas: components(),
    messages: Object.fromEntries(frameTypes.map((type) => [messageName(type), message(type, frames[type]!)])),
    securitySchemes: {
      token: {
        type: "http",
        scheme: "bearer",
        description:
          "The server's token, where it was given one. It stands in the upgrade's `Authorization: Bearer …`, or, since a web page can't send that header, in `hello`."
      }
    }
  }
})

const description = [
  "JSON text frames, each an object with a `type`. The client speaks first, with `hello`. Then it sends commands, each answered by a receipt after commit, and subscribes to threads, to the list of threads or to the whole log.",
  "The log is the truth: events come in order, without gaps, each once, and every view is a fold of them. Live frames show text before it is in the log, and decide nothing.",
  "Frames of an unknown type are ignored, on both sides, and so are unknown fields. Frames that break their own shape get an `error`, and the connection goes on.",
  "`docs/protocol.md` tells all of it in the order in which a client is written."
]

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

const channelDescription = (): string =>
  [
    "Un-acked on the way are at most `limits.creditEvents` events or `limits.creditBytes` bytes, and one frame more. Past it live frames are left out, help subscriptions wait and read on from the log; after `limits.stallSeconds` without an ack the connection closes and says where to resume.",
    "Leaving is closing the socket; it stops nothing.",
    "Why the server closes a socket:",
    table(
      ["code", "means", "then"],
      Object.entries(CloseCode)
        .toSorted(([, a], [, b]) => a - b)
        .map(([name, code]) => {
          const { means, help } = closeCodes[name as keyof typeof CloseCode]
          return [String(code), means, help]
        })
    ),
    "What an `error` says:",
    table(
      ["code", "means", "then"],
      Object.entries(errorCodes).map(([code, { means, help }]) => [`\`${code}\``, means, help])
    )
  ].join("\n\n")

const frames: Readonly<Record<string, FrameDocumentation<unknown>>> = { ...clientFrames, ...serverFrames }
const frameTypes = Object.keys(frames)

const message = (type: string, { example, is, rules }: FrameDocumentation<unknown>): Json => ({
  name: type,
  title: `\`${type}\``,
  summary: is,
  description: rules.join("\n\n"),
  contentType: "application/json",
  payload: reference("schemas", messageName(type)),
  examples: [{ name: type, payload: example }]
})

const reference = (kind: "messages" | "schemas" | "securitySchemes", name: string) => ({
  $ref: `#/components/${kind}/${name}`
})

const channel = { $ref: "#/channels/websocket" }
const ofChannel = (types: ReadonlyArray<string>) =>
  types.map((type) => ({ $ref: `#/channels/websocket/messages/${messageName(type)}` }))

const operation = (
  action: "send" | "receive",
  summary: string,
  types: ReadonlyArray<string>,
  answers: ReadonlyArray<string> = []
): Json => ({
  action,
  channel,
  summary,
  messages: ofChannel(types),
  ...(answers.length > 0 && { reply: { channel, messages: ofChannel(answers) } })
})

/** As the server sees them: it receives what clients send. */
const operations: Readonly<Record<string, Json>> = {
  hello: operation("receive", "A client says hello.", ["hello"], ["welcome", "error"]),
  command: operation("receive", "A client asks for something to be done.", ["command"], ["receipt", "error"]),
  subscribe: operation(
    "receive",
    "A client follows something.",
    ["subscribe"],
    ["snapshot", "events", "caught-up", "error"]
  ),
  unsubscribe: operation("receive", "A client follows it no longer.", ["unsubscribe"], ["error"]),
  ack: operation("receive", "A client has processed what it was sent.", ["ack"]),
  follow: operation("send", "What a client follows goes on.", [
    "snapshot",
    "events",
    "threads",
    "live",
    "caught-up",
    "error"
  ]),
  pingFromClient: operation("receive", "A client wants a sign of life.", ["ping"], ["pong"]),
  pingFromServer: operation("send", "The server wants a sign of life, every 20 seconds.", ["ping"], ["pong"])
}
