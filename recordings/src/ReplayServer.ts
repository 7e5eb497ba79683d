/**
 * An HTTP server on loopback that answers model calls with recorded bytes, as the provider would. Each conversation that is
 * played has a base URL of its own, so that many are played at once; its consecutive calls get its consecutive answers.
 */
import { Context, Effect, Layer, Schema } from "effect"
import { createServer } from "node:http"
import type { IncomingMessage, ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { once } from "node:events"
import { setImmediate } from "node:timers/promises"
import { isModelCall } from "./ProviderApi.ts"
import type { RecordedCall } from "./recordedCall.ts"
import type { Conversation } from "./RecordingIndex.ts"
import { recut } from "./recut.ts"
import type { Cuts } from "./recut.ts"

/** One conversation that is being played. The counts move on as requests come in. */
export interface Replay {
  /** What a provider's client takes as its base URL; the API's path follows. */
  readonly baseUrl: string
  /** Model calls that were answered from the recording. */
  readonly served: number
  /** Answers that were written to their last byte. */
  readonly finished: number
  /** Model calls that came after the last recorded answer. There should be none. */
  readonly past: number
  /** Requests that are no streaming model call of the conversation's API. There should be none. */
  readonly misdirected: number
}

export class ReplayServerFailed extends Schema.TaggedError<ReplayServerFailed>()("ReplayServerFailed", {
  message: Schema.String
}) {}

type Playing = { -readonly [K in keyof Replay]: Replay[K] } & {
  readonly conversation: Conversation
  readonly cuts: Cuts
}

export class ReplayServer extends Context.Service<
  ReplayServer,
  {
    /** Makes a conversation ready to be asked for, from its first answer on. Playing it again gives another base URL. */
    readonly play: (conversation: Conversation, cuts: Cuts) => Effect.Effect<Replay>
  }
>()("@spillway/recordings/ReplayServer") {
  static readonly layer = Layer.effect(
    ReplayServer,
    Effect.gen(function* () {
      const playing = new Map<string, Playing>()
      const server = createServer((request, response) => {
        answer(playing, request, response).catch(() => response.destroy())
      })
      const port = yield* Effect.acquireRelease(
        Effect.callback<number, ReplayServerFailed>((resume) => {
          server.once("error", (error) =>
            resume(
              Effect.fail(new ReplayServerFailed({ message: `No loopback port is free: ${error.message}` }))
            )
          )
          server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as AddressInfo).port)))
        }),
        () =>
          Effect.callback<void>((resume) => {
            server.close(() => resume(Effect.void))
            server.closeAllConnections()
          })
      )
      return ReplayServer.of({
        play: (conversation, cuts) =>
          Effect.sync(() => {
            const key = String(playing.size)
            const replay: Playing = {
              conversation,
              cuts,
              baseUrl: `http://127.0.0.1:${port}/${key}/v1`,
              served: 0,
              finished: 0,
              past: 0,
              misdirected: 0
            }
            playing.set(key, replay)
            return replay
          })
      })
    })
  )
}

const answer = async (
  playing: ReadonlyMap<string, Playing>,
  request: IncomingMessage,
  response: ServerResponse
) => {
  request.resume()
  const url = new URL(request.url ?? "/", "http://127.0.0.1")
  const [, key = "", path = ""] = /^\/(\d+)\/v1(\/.*)$/.exec(decodeURI(url.pathname)) ?? []
  const replay = playing.get(key)
  if (replay === undefined) return refuse(response, 404, "Nothing is played under this path.")
  if (!isModelCall(replay.conversation.api, request.method ?? "", path, url.searchParams)) {
    replay.misdirected++
    return refuse(response, 404, `This is no streaming model call of ${replay.conversation.api}.`)
  }
  const call = replay.conversation.calls[replay.served]
  if (call === undefined) {
    replay.past++
    return refuse(response, 410, "This conversation has no further recorded answer.")
  }
  const number = replay.served++
  await write(response, call, pieces(call, replay, number))
  replay.finished++
}

const pieces = (call: RecordedCall, { cuts, conversation }: Playing, number: number) =>
  cuts._tag === "events" ? call.pieces : recut(call.pieces, `${cuts.seed} ${conversation.id} ${number}`)

/** Each piece is a chunk of its own on the wire. A slow reader is waited for; one that went away ends the writing. */
const write = async (response: ServerResponse, call: RecordedCall, pieces: ReadonlyArray<Uint8Array>) => {
  const gone = new AbortController()
  response.once("close", () => gone.abort())
  response.writeHead(call.status, { "content-type": call.contentType, "cache-control": "no-cache" })
  response.flushHeaders()
  for (const piece of pieces) {
    gone.signal.throwIfAborted()
    if (!response.write(piece)) await once(response, "drain", { signal: gone.signal })
    else await setImmediate()
  }
  response.end()
  await once(response, "finish", { signal: gone.signal })
}

const refuse = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { "content-type": "application/json" })
  response.end(JSON.stringify({ error: { message, type: "replay_error", code: status } }))
}
