/** Requests, made from the HTTP API's own endpoints: right ones, ones with something wrong in them, and bytes that are none. */
import { ClientCommand, SessionId } from "@spillway/contracts"
import { SpillwayHttpApi } from "@spillway/contracts/http-api"
import { RUNTIME_HTTP_PATH, RuntimeReport } from "@spillway/contracts/runtime-protocol"
import { Schema } from "effect"
import { HttpApi, type HttpApiEndpoint } from "effect/http-api"
import { RUNTIME_TOKEN } from "../server/ServerUnderTest.ts"
import { jsonText } from "./jsonText.ts"
import { mutateText, mutateValue } from "./mutate.ts"
import { nastyTexts } from "./nasty.ts"
import type { Random } from "./Random.ts"
import { type TextFor, validValue } from "./validValue.ts"

export interface HttpRequest {
  readonly method: string
  /** With its query, encoded. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer | undefined
}

export type HttpInput =
  | { readonly door: "http"; readonly request: HttpRequest; readonly endpoint: Endpoint }
  /** Bytes that may be no request at all. */
  | { readonly door: "raw http"; readonly bytes: Buffer }

export interface Endpoint {
  readonly method: string
  readonly path: string
  readonly params: Schema.Top | undefined
  readonly query: Schema.Top | undefined
  readonly headers: Schema.Top | undefined
  readonly takesBody: boolean
  /** By status. `null`: of another protocol than the HTTP API's, whose answers are only looked at from outside. */
  readonly successes: ReadonlyMap<number, ReadonlyArray<Schema.Top>> | null
}

/** Where processes that run turns have no websocket. */
const runtimeEndpoint = (method: string, path: string, query: Schema.Top | undefined): Endpoint => ({
  method,
  path: `${RUNTIME_HTTP_PATH}${path}`,
  params: Schema.Struct({
    sessionId: SessionId,
    generation: Schema.Literals(["0", "1", "2", "9".repeat(15)])
  }),
  query,
  headers: undefined,
  takesBody: false,
  successes: null
})

const runtimeEndpoints = [
  runtimeEndpoint(
    "GET",
    "work",
    Schema.Struct({ runtime: Schema.String, host: Schema.optionalKey(Schema.String) })
  ),
  runtimeEndpoint("GET", "sessions/:sessionId/:generation/cursor", undefined),
  runtimeEndpoint("POST", "sessions/:sessionId/:generation/events", undefined)
]

export const endpoints: ReadonlyArray<Endpoint> = (() => {
  const found: Array<Endpoint> = []
  HttpApi.reflect(SpillwayHttpApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, successes }) => {
      const { headers, method, params, path, payload, query }: HttpApiEndpoint.Top = endpoint
      found.push({ method, path, params, query, headers, takesBody: payload.size > 0, successes })
    }
  })
  return found
})()

/** Commands are where a client writes; documents have nothing in them that a client chose. */
const weightOf = ({ path, takesBody }: Endpoint): number =>
  takesBody ? 8 : path.startsWith("/v1/") ? 1 : 0.1

const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]

export const httpInput = (
  random: Random,
  textFor: TextFor,
  spare: (command: ClientCommand) => unknown
): HttpInput => {
  if (random.chance(0.05)) return runtimeInput(random, textFor)
  const endpoint = random.weighted(endpoints.map((one) => [weightOf(one), one] as const))
  const method = random.chance(0.06) ? random.pick(METHODS) : endpoint.method
  const path = pathOf(endpoint, random, textFor) + queryOf(endpoint, random, textFor)
  const headers = headersOf(endpoint, random, textFor)
  const body = endpoint.takesBody ? bodyOf(random, textFor, spare) : undefined
  if (random.chance(0.04))
    return { door: "raw http", bytes: rawBytes({ method, path, headers, body }, random) }
  return { door: "http", endpoint, request: { method, path, headers, body } }
}

const runtimeInput = (random: Random, textFor: TextFor): HttpInput => {
  const endpoint = random.pick(runtimeEndpoints)
  const headers = {
    ...headersOf(endpoint, random, textFor),
    authorization: `Bearer ${random.chance(0.95) ? RUNTIME_TOKEN : "another"}`
  }
  const line = (): string | Buffer => {
    const report = validValue(random.pick(RuntimeReport.members), random, textFor)
    return random.weighted<() => string | Buffer>([
      [4, () => jsonText(report)],
      [4, () => jsonText(mutateValue(report, random))],
      [2, () => mutateText(report, random)]
    ])()
  }
  const lines = Array.from({ length: random.below(5) }, () =>
    Buffer.concat([Buffer.from(line()), Buffer.from("\n")])
  )
  const body = endpoint.method === "POST" ? Buffer.concat(lines) : undefined
  const path = pathOf(endpoint, random, textFor) + queryOf(endpoint, random, textFor)
  return { door: "http", endpoint, request: { method: endpoint.method, path, headers, body } }
}

const pathOf = ({ params, path }: Endpoint, random: Random, textFor: TextFor): string => {
  const values = (params === undefined ? {} : validValue(params, random, textFor)) as Record<string, string>
  return path.replace(/:(\w+)/g, (_, name: string) =>
    random.weighted<() => string>([
      [8, () => encodeURIComponent(values[name] ?? "x")],
      [1, () => safeEncoded(random.pick(nastyTexts))],
      [
        0.5,
        () => random.pick(["%", "%zz", "%00", "%ff", "..", "%2e%2e", "", "a/b", "a%2fb", "x".repeat(2_000)])
      ]
    ])()
  )
}

/** Lone surrogates can't be encoded: they are replaced, as a browser does it. */
const safeEncoded = (text: string): string => encodeURIComponent(text.toWellFormed())

const queryOf = ({ query }: Endpoint, random: Random, textFor: TextFor): string => {
  if (query === undefined) return random.chance(0.03) ? "?x=1" : ""
  const valid = Object.entries(validValue(query, random, textFor) as Record<string, string>)
  const entries = random.weighted<() => ReadonlyArray<readonly [string, string]>>([
    [6, () => valid],
    [
      3,
      () =>
        valid.map(([name, value]) => [name, random.chance(0.5) ? random.pick(nastyTexts) : value] as const)
    ],
    [1, () => [...valid, ...valid]],
    [1, () => [...valid, [random.pick(["limt", "__proto__", "after", "constructor", ""]), "1"] as const]],
    [0.2, () => Array.from({ length: 200 }, (_, i) => [`k${i}`, "v"] as const)],
    [0.2, () => [...valid, ["q", "x".repeat(20_000)] as const]]
  ])()
  const text = entries.map(([name, value]) => `${safeEncoded(name)}=${safeEncoded(value)}`).join("&")
  const broken = random.chance(0.04) ? random.pick(["&%zz=%", "&=&=&", "&&&", "&a[b]=c&a[]=1", "?"]) : ""
  return text + broken === "" ? "" : `?${text}${broken}`
}

const headersOf = (
  { headers, takesBody }: Endpoint,
  random: Random,
  textFor: TextFor
): Record<string, string> => {
  const said: Record<string, string> = {}
  for (const [name, value] of Object.entries(
    (headers === undefined ? {} : validValue(headers, random, textFor)) as Record<string, string>
  )) {
    said[name] = value
  }
  if (takesBody) {
    said["content-type"] = random.weighted([
      [20, "application/json"],
      [1, "text/plain"],
      [1, "application/json; charset=latin1"],
      [1, "multipart/form-data; boundary=x"],
      [1, ""]
    ])
  }
  const odd: ReadonlyArray<readonly [string, string]> = [
    ["accept", random.pick(["text/event-stream", "application/xml", "*/*;q=0", "text/event-stream;q=x"])],
    ["last-event-id", random.pick(["0", "5", "-1", "1e400", "x", "9".repeat(40)])],
    ["if-none-match", random.pick(["*", '"x"', 'W/"0"'])],
    ["content-encoding", random.pick(["gzip", "identity"])],
    ["expect", random.pick(["100-continue", "miracles"])],
    ["origin", random.pick(["http://localhost:3000", "https://evil.example", "null"])],
    ["range", "bytes=0-1"],
    ["upgrade", random.pick(["h2c", "websocket"])],
    ["authorization", random.pick(["Bearer x", "Basic eDp5"])],
    ["idempotency-key", random.pick(["", "a b", "x".repeat(500), "é"])]
  ]
  for (const [name, value] of odd) if (random.chance(0.03)) said[name] = value
  return said
}

const bodyOf = (
  random: Random,
  textFor: TextFor,
  spare: (command: ClientCommand) => unknown
): string | Buffer => {
  const command = spare(validValue(random.pick(ClientCommand.members), random, textFor) as ClientCommand)
  return random.weighted<() => string | Buffer>([
    [8, () => jsonText(command)],
    [8, () => jsonText(mutateValue(command, random))],
    [3, () => mutateText(command, random)],
    [0.1, () => `{"text":"${"x".repeat(1_100_000)}"}`]
  ])()
}

/** The request in bytes, with something wrong about how it is written. */
const rawBytes = ({ body, headers, method, path }: HttpRequest, random: Random): Buffer => {
  const bytes = Buffer.from(body ?? "")
  const length = random.pick([`${bytes.length}`, `${bytes.length + 5}`, "-1", "1e3", "0x10", "9".repeat(30)])
  const lines = [
    `${random.pick([method, method.toLowerCase(), "G E T", "", "\0"])} ${random.pick([path, "*", "//", "http://evil.example/", path.repeat(3)])} ${random.pick(["HTTP/1.1", "HTTP/1.0", "HTTP/2.0", "HTTP/9.9", ""])}`,
    random.pick(["Host: localhost", "Host: localhost\r\nHost: other", "Host: evil.example", ""]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${length}`,
    random.pick([
      "",
      "Transfer-Encoding: chunked",
      "Transfer-Encoding: gzip, chunked",
      `X: ${"y".repeat(20_000)}`
    ]),
    random.pick(["", "Connection: close", "X-Folded: a\r\n b", "Bad Header: x", ": x"])
  ].filter((line) => line !== "")
  const head = lines.join(random.pick(["\r\n", "\r\n", "\r\n", "\n"]))
  const whole = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, "latin1"), bytes])
  return random.chance(0.2) ? random.bytes(1 + random.below(400)) : whole
}
