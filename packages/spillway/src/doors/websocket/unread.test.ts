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
 * What one client may cost that takes nothing, in bytes: its credit and one frame more, where the kernel takes none of it. Here it
 * takes all, and a client comes to about 13 KiB, its own end of the connection included.
 */
const BYTES_PER_CLIENT = 384 * 1024

describe("a websocket client that takes nothing", () => {
  for (const { kind, reads } of [
    { kind: "reads and never acks", reads: true },
    { kind: "does not even read", reads: false }
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
        yield* subscribeTo(reader, threadId, { afterVersion: 0 })
        yield* Effect.forEach(
          Array.from({ length: 200 }),
          () => Effect.andThen(append("x".repeat(LARGE)), round),
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
