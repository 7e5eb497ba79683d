/**
 * The runtimes' door over plain HTTP, for hosts without a websocket:
 *
 * - `GET /v1/runtimes/work?runtime=name` is a host: a streamed answer of what the websocket would say.
 * - `POST /v1/runtimes/sessions/{sessionId}/{generation}/events` takes reports.
 * - `GET  /v1/runtimes/sessions/{sessionId}/{generation}/cursor` says where a session stands.
 *
 * On Node's own request and response: body and answer stream at the same time, and both may wait.
 */
import type { SessionId } from "@spillway/contracts"
import {
  HostId,
  RUNTIME_HTTP_PATH,
  RUNTIME_PROTOCOL,
  type RuntimeLimits,
  RuntimeOffer
} from "@spillway/contracts/runtime-protocol"
import type { RemoteHosts, RemoteSession, SessionAddress } from "@spillway/provider-runtimes"
import { type Clock, Effect, type Redacted, Result, Schema } from "effect"
import type { IncomingMessage, ServerResponse } from "node:http"
import { describeIssue } from "../../describeIssue.ts"
import { bearerToken, isToken } from "../../token.ts"
import type { HostServices } from "../HostConnection.ts"
import { HOST_LIMIT } from "../limits.ts"
import { findOut, notOpen, sessionFate } from "../sessionFate.ts"
import { answerJson, answerProblem, type RuntimeProblem } from "./answers.ts"
import { takeReports } from "./takeReports.ts"
import { WorkStream } from "./WorkStream.ts"

export interface HttpRuntimesOptions {
  readonly token: Redacted.Redacted
  readonly server: string
  readonly limits: RuntimeLimits
  readonly hosts: RemoteHosts["Service"]
  readonly isActive: () => boolean
  readonly clock: Clock.Clock
  readonly fork: (effect: Effect.Effect<void, never, HostServices>) => void
}

export class HttpRuntimes {
  readonly #options: HttpRuntimesOptions
  readonly #streams = new Set<WorkStream>()
  #isClosing = false

  constructor(options: HttpRuntimesOptions) {
    this.#options = options
  }

  /** For requests below RUNTIME_HTTP_PATH. */
  readonly accept = (request: IncomingMessage, response: ServerResponse): void => {
    const problem = this.#refused(request)
    if (problem !== undefined) return answerProblem(response, problem)
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://host")
    const path = pathname.slice(RUNTIME_HTTP_PATH.length)
    if (path === "ws") return answerProblem(response, upgradeRequired)
    const route = /^sessions\/([^/]+)\/(\d{1,15})\/(events|cursor)$/.exec(path)
    const method = path === "work" || route?.[3] === "cursor" ? "GET" : route === null ? undefined : "POST"
    if (method === undefined) return answerProblem(response, notFound)
    if (request.method !== method) return answerProblem(response, wrongMethod(request.method ?? "", method))
    if (route === null) return this.#work(searchParams, response)
    const sessionId = decoded(route[1]!)
    if (sessionId === undefined) return answerProblem(response, notFound)
    const address = { sessionId: sessionId as SessionId, generation: Number(route[2]) }
    this.#run(
      response,
      route[3] === "cursor" ? this.#cursor(address, response) : this.#reports(address, request, response)
    )
  }

  tick(now: number): void {
    for (const stream of this.#streams) stream.tick(now)
  }

  /** Says goodbye to the hosts; a session's reports are taken to the end of their request. */
  leave(code: "unavailable" | "not-active", message: string): void {
    for (const stream of this.#streams) stream.leave(code, message)
  }

  close(): void {
    this.#isClosing = true
    this.leave("unavailable", "The server stops: connect again in a moment, and go on.")
  }

  #refused({ headers }: IncomingMessage): RuntimeProblem | undefined {
    const { isActive, token } = this.#options
    if (headers.origin !== undefined) return notForPages
    const given = bearerToken(headers.authorization)
    if (given === undefined || !isToken(token, given)) return unauthorized
    if (this.#isClosing) return stopping
    return isActive() ? undefined : notActive
  }

  /** A host: told of its work for as long as it reads. */
  #work(query: URLSearchParams, response: ServerResponse): void {
    const { clock, hosts, limits, server } = this.#options
    const offer = offerOf(query)
    if (Result.isFailure(offer)) return answerProblem(response, invalid(offer.failure))
    const sessions = query.getAll("session").map(sessionOf)
    if (sessions.includes(undefined)) {
      return answerProblem(response, invalid("`session` must be a session's id, an @ and its generation."))
    }
    const id = query.get("host")
    if (id !== null && !isHostId(id)) {
      return answerProblem(response, invalid("`host` must be an id of 1 to 128 printable ASCII characters."))
    }
    if (hosts.hostCount() >= HOST_LIMIT) return answerProblem(response, tooManyHosts)
    const stream = new WorkStream(response, id, [offer.success], hosts, clock.currentTimeMillisUnsafe())
    this.#streams.add(stream)
    response.on("close", () => this.#streams.delete(stream))
    stream.begin(server, limits)
    for (const session of hosts.connect(stream, sessions as ReadonlyArray<SessionAddress>)) {
      this.#run(response, findOut(hosts, stream, session))
    }
  }

  /** Asking for it ends a request of reports that is still on its way: whoever asks wants to send from there. */
  #cursor(address: SessionAddress, response: ServerResponse): Effect.Effect<void, never, HostServices> {
    return this.#withSession(address, response, (session) => {
      session.endRequest()
      const { received, through, until } = session
      return Effect.sync(() => answerJson(response, { state: "open", ...address, through, received, until }))
    })
  }

  #reports(
    address: SessionAddress,
    request: IncomingMessage,
    response: ServerResponse
  ): Effect.Effect<void, never, HostServices> {
    const { requestSeconds } = this.#options.limits
    return this.#withSession(address, response, (session) =>
      takeReports(request, response, session, Effect.sleep(requestSeconds * 1_000))
    )
  }

  #withSession(
    address: SessionAddress,
    response: ServerResponse,
    use: (session: RemoteSession) => Effect.Effect<void>
  ): Effect.Effect<void, never, HostServices> {
    return Effect.gen({ self: this }, function* () {
      const session = this.#options.hosts.session(address)
      if (session !== undefined) return yield* use(session)
      const fate = yield* Effect.result(sessionFate(address))
      if (fate._tag === "Failure" || fate.success === null) return answerProblem(response, notYet)
      if (fate.success.type === "fenced") return answerProblem(response, fenced)
      return answerProblem(response, ended(fate.success.through))
    })
  }

  /** Until it is done, or the client is gone. */
  #run(response: ServerResponse, effect: Effect.Effect<void, never, HostServices>): void {
    const left = Effect.callback<void>((resume) => {
      response.once("close", () => resume(Effect.void))
    })
    this.#options.fork(Effect.raceFirst(effect, left))
  }
}

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

const sessionOf = (text: string): SessionAddress | undefined => {
  const [, sessionId, generation] = /^([\x21-\x7e]{1,600})@(\d{1,15})$/.exec(text) ?? []
  return sessionId === undefined
    ? undefined
    : { sessionId: sessionId as SessionId, generation: Number(generation) }
}

const flags = ["resumable", "canSteer", "announcesSteps", "outlivesServer"] as const

const offerOf = (query: URLSearchParams): Result.Result<RuntimeOffer, string> => {
  const known = new Set<string>(["runtime", "host", "session", ...flags])
  const unknown = [...query.keys()].find((key) => !known.has(key))
  if (unknown !== undefined)
    return Result.fail(`There is no \`${unknown}\` here: leave it out, or mend its name.`)
  const said = flags.filter((flag) => query.has(flag))
  const wrong = said.find((flag) => !/^(true|false)$/.test(query.get(flag)!))
  if (wrong !== undefined) return Result.fail(`\`${wrong}\` must be true or false.`)
  const offer = {
    name: query.get("runtime"),
    ...Object.fromEntries(said.map((flag) => [flag, query.get(flag) === "true"]))
  }
  return Result.mapError(decodeOffer(offer), ({ issue }) =>
    describeIssue(issue, "The query").replace("`name`", "`runtime`")
  )
}

const isHostId = Schema.is(HostId)
const decodeOffer = Schema.decodeUnknownResult(RuntimeOffer)

const invalid = (detail: string): RuntimeProblem => ({ status: 400, code: "request-invalid", detail })

const notFound: RuntimeProblem = {
  status: 404,
  code: "not-found",
  detail: `There is nothing here: runtimes ask for ${RUNTIME_HTTP_PATH}work, and report to ${RUNTIME_HTTP_PATH}sessions/{sessionId}/{generation}/events, the id percent-encoded.`
}

const upgradeRequired: RuntimeProblem = {
  status: 426,
  code: "upgrade-required",
  detail: `This is a websocket: connect to it with the protocol ${RUNTIME_PROTOCOL}.`
}

const wrongMethod = (given: string, method: string): RuntimeProblem => ({
  status: 405,
  code: "method-not-allowed",
  detail: `This address does not take ${given}: use ${method}.`
})

const unauthorized: RuntimeProblem = {
  status: 401,
  code: "unauthorized",
  detail:
    "The token is missing or wrong: send the server's SPILLWAY_RUNTIME_TOKEN in the header `Authorization: Bearer …`."
}

const notForPages: RuntimeProblem = {
  status: 403,
  code: "origin-not-allowed",
  detail: "Web pages run no turns here: ask from a program."
}

const stopping: RuntimeProblem = {
  status: 503,
  code: "unavailable",
  detail: "The server stops: ask again in a moment.",
  retryable: true
}

const notActive: RuntimeProblem = {
  status: 503,
  code: "not-active",
  detail: "Another process runs the turns now: ask again, until that one answers.",
  retryable: true
}

const tooManyHosts: RuntimeProblem = {
  status: 503,
  code: "too-many-hosts",
  detail: `${HOST_LIMIT} hosts are connected, which is the limit: run more turns in each.`,
  retryable: true
}

const notYet: RuntimeProblem = {
  status: 503,
  code: "unavailable",
  detail: "The server has only just started, and looks for this session: ask again in a moment.",
  retryable: true
}

const fenced: RuntimeProblem = { status: 409, code: "fenced", detail: notOpen }

const ended = (through: number): RuntimeProblem => ({
  status: 410,
  code: "ended",
  detail: `The session is over, and took reports up to number ${through}: stop running it.`
})
