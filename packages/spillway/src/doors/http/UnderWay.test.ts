import { describe, expect, it } from "@effect/vitest"
import { EventEmitter } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { UnderWay } from "./UnderWay.ts"

interface FakeSocket {
  writableLength: number
  destroyed: boolean
}

const fakeSocket = (): FakeSocket & { destroy: () => void } => ({
  writableLength: 0,
  destroyed: false,
  destroy() {
    this.destroyed = true
  }
})

/** Takes a request of this connection up; `close` when its answer has left. */
const take = (underWay: UnderWay, socket: FakeSocket, url = "/v1/info") => {
  const response = new EventEmitter()
  const problem = underWay.take(
    { socket, url } as never as IncomingMessage,
    response as never as ServerResponse
  )
  return { problem, close: () => void response.emit("close") }
}

describe("requests under way", () => {
  it("E6 are so many of the process and no more, event streams not counted, and health always answers", () => {
    let streams = 0
    const underWay = new UnderWay({ limit: 3, streams: () => streams, stallAfter: 30_000 })
    const taken = Array.from({ length: 3 }, () => take(underWay, fakeSocket()))
    expect(taken.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined])
    const refused = take(underWay, fakeSocket())
    expect(refused.problem).toMatchObject({ code: "at-capacity", status: 503, retryable: true })
    refused.close()
    expect(take(underWay, fakeSocket(), "/health/live").problem).toBeUndefined()
    streams = 2
    expect(take(underWay, fakeSocket()).problem).toBeUndefined()
    streams = 0
    for (const { close } of taken) close()
    expect(take(underWay, fakeSocket()).problem).toBeUndefined()
  })

  it("are sixteen of one connection", () => {
    const underWay = new UnderWay({ limit: 100, streams: () => 0, stallAfter: 30_000 })
    const socket = fakeSocket()
    const taken = Array.from({ length: 16 }, () => take(underWay, socket))
    expect(taken.every(({ problem }) => problem === undefined)).toBe(true)
    const refused = take(underWay, socket)
    expect(refused.problem).toMatchObject({ code: "at-capacity" })
    expect(take(underWay, fakeSocket()).problem).toBeUndefined()
    refused.close()
    taken[0]!.close()
    expect(take(underWay, socket).problem).toBeUndefined()
  })

  it("whose answer is not taken for the stall time lose their connection; one that is taken slowly does not", () => {
    const underWay = new UnderWay({ limit: 100, streams: () => 0, stallAfter: 30_000 })
    const [stuck, slow, waiting] = [fakeSocket(), fakeSocket(), fakeSocket()]
    for (const socket of [stuck, slow, waiting]) take(underWay, socket)
    stuck.writableLength = 1_000
    for (let now = 0; now <= 40_000; now += 1_000) {
      slow.writableLength = 50_000 - now
      underWay.tick(now)
      expect(stuck.destroyed).toBe(now >= 30_000)
    }
    expect([slow.destroyed, waiting.destroyed]).toEqual([false, false])
  })
})
