import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { heldBytes, round } from "../../testing/heldBytes.ts"
import { eventsOf, logOf, runningThread, subscribeTo } from "../../testing/runningThread.ts"
import { connectHere, layerTestServer } from "../../testing/TestServer.ts"
import { Doors } from "../Doors.ts"
import { clientEventText } from "../following/eventText.ts"

const CLIENTS = 20

/** Characters of an event's text: the largest segment there is. */
const LARGE = 40_000

/**
 * What one client may cost that takes nothing, in bytes: its credit and one frame more, where the kernel takes none of it. Here it takes
 * most, and a client comes to about 13 KiB, its own end of the connection included; one that acks all the same to about 140 KiB.
 */
const BYTES_PER_CLIENT = 384 * 1024

describe("a websocket client that takes nothing", () => {
  for (const { acks, kind, reads } of [
    { kind: "reads and never acks", reads: true, acks: false },
    { kind: "does not even read", reads: false, acks: false },
    { kind: "acks what it does not read", reads: false, acks: true }
  ]) {
    it.live(`E6 costs bounded memory and keeps nobody else waiting, where it ${kind}`, () =>
      Effect.gen(function* () {
        const doors = yield* Doors
        const { append, threadId, version } = yield* runningThread
        const clients = yield* Effect.forEach(Array.from({ length: CLIENTS }), () =>
          connectHere({ acks: false })
        )
        for (const client of clients) {
          yield* subscribeTo(client, threadId, { afterVersion: 0 })
          yield* client.until((frame) => frame.type === "caught-up")
          if (!reads) client.socket.pause()
        }
        const reader = yield* connectHere()
        // More than the kernel takes for a connection, where the client says that it has it all.
        const written = acks ? 400 : 200
        yield* subscribeTo(reader, threadId, { afterVersion: 0 })
        yield* Effect.forEach(
          Array.from({ length: written }),
          (_, i) =>
            Effect.gen(function* () {
              yield* append("x".repeat(LARGE))
              // An ack of what was not sent yet does nothing: each is sent again and again.
              for (const client of acks ? clients : []) {
                for (let seq = i; seq < i + 5; seq++) yield* client.send({ type: "ack", seq })
              }
              yield* round
            }),
          { discard: true }
        )
        const seen = yield* reader.until((frame) => eventsOf([frame]).at(-1)?.version === version())
        expect(eventsOf(seen).map((event) => JSON.stringify(event))).toEqual(
          (yield* logOf(threadId)).map(clientEventText)
        )
        reader.socket.terminate()
        while (doors.connections() > CLIENTS) yield* round

        const held = yield* heldBytes
        for (const client of clients) client.socket.terminate()
        while (doors.connections() > 0) yield* round
        const perClient = (held - (yield* heldBytes)) / CLIENTS
        expect(perClient).toBeLessThan(BYTES_PER_CLIENT)
      }).pipe(Effect.scoped, Effect.provide(layerTestServer()))
    )
  }
})
