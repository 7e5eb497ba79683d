/** A client over TCP whose connections the test cuts, as a train in a tunnel does: no goodbye, in either direction. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import { Effect } from "effect"
import { Listener } from "spillway/effect"
import { makeClient } from "../connect.ts"
import { environment } from "../Environment.ts"

export const tcpClient = Effect.gen(function* () {
  const { address } = yield* Listener
  const sockets: Array<WebSocket> = []
  /** What each connection was told, as it came. */
  const told: Array<Array<string>> = []
  /** Frames that the next connections bring before they are cut. */
  const cutAfter: Array<number> = []

  class CuttableSocket extends WebSocket {
    constructor(url: string) {
      super(url)
      const texts: Array<string> = []
      const limit = cutAfter.shift() ?? Number.POSITIVE_INFINITY
      sockets.push(this)
      told.push(texts)
      this.on("message", (data: Buffer) => {
        texts.push(data.toString("utf8"))
        if (texts.length >= limit) this.terminate()
      })
    }
  }

  const client = yield* Effect.acquireRelease(
    Effect.sync(() => {
      const options = { url: `http://${address}`, WebSocket: CuttableSocket }
      // It does not wait between its attempts.
      return makeClient(options, { ...environment(CuttableSocket), random: () => 0 })
    }),
    (client) => Effect.sync(() => client.close())
  )
  return {
    client,
    address,
    told,
    cutAfter,
    socket: () => sockets.at(-1)!,
    cut: () => sockets.at(-1)!.terminate()
  }
})

/** What a connection was told of events, one text for each. */
export const eventTextsIn = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts
    .filter((text) => text.startsWith('{"type":"events"'))
    .flatMap((text) => (JSON.parse(text) as { events: ReadonlyArray<unknown> }).events)
    .map((event) => JSON.stringify(event))
