import { afterEach, describe, expect, it, vi } from "vitest"
import { connect } from "./connect.ts"
import { environment } from "./Environment.ts"
import { newId } from "./newId.ts"

/** What a browser's window or document is to a client. */
const target = () => {
  const listeners = new Map<string, Set<() => void>>()
  return {
    addEventListener: (type: string, listener: () => void) =>
      void listeners.set(type, (listeners.get(type) ?? new Set()).add(listener)),
    removeEventListener: (type: string, listener: () => void) => void listeners.get(type)?.delete(listener),
    happens: (type: string) => {
      for (const listener of listeners.get(type) ?? []) listener()
    },
    count: () => [...listeners.values()].reduce((count, set) => count + set.size, 0)
  }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe("the place a client runs in", () => {
  it("says what to do where there is no WebSocket", () => {
    vi.stubGlobal("WebSocket", undefined)
    expect(() => connect({ url: "ws://127.0.0.1" })).toThrow(
      "There is no WebSocket here: use Node 22 or newer, or pass one, as in connect({ url, WebSocket }) with the WebSocket of the package ws."
    )
    const opened: Array<string> = []
    class OwnSocket {
      constructor(url: string) {
        opened.push(url)
      }
      addEventListener(): void {}
      close(): void {}
    }
    const client = connect({ url: "ws://127.0.0.1", WebSocket: OwnSocket })
    client.thread("t1").subscribe(() => {})
    client.close()
    expect(opened).toEqual(["ws://127.0.0.1/v1/ws"])
  })

  it("tells when a page wakes: it is seen again, comes back from the cache, or has a network again", () => {
    const page = target()
    const document = { ...target(), visibilityState: "hidden" }
    vi.stubGlobal("addEventListener", page.addEventListener)
    vi.stubGlobal("removeEventListener", page.removeEventListener)
    vi.stubGlobal("document", document)
    let woken = 0
    const stop = environment().onWake(() => woken++)
    document.happens("visibilitychange")
    expect(woken).toBe(0)
    document.visibilityState = "visible"
    document.happens("visibilitychange")
    document.happens("resume")
    page.happens("pageshow")
    page.happens("online")
    expect(woken).toBe(4)
    stop()
    expect(page.count() + document.count()).toBe(0)
  })

  it("has a clock that is cancelled, and Node's own WebSocket", () => {
    vi.useFakeTimers()
    try {
      let ran = 0
      const { after } = environment()
      after(10, () => ran++)
      after(10, () => ran++)()
      vi.advanceTimersByTime(10)
      expect(ran).toBe(1)
    } finally {
      vi.useRealTimers()
    }
    expect(() => environment().openSocket("not an address")).toThrow()
  })

  it("makes ids that fit the protocol and do not come again", () => {
    const ids = Array.from({ length: 1_000 }, () => newId())
    expect(new Set(ids).size).toBe(1_000)
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/)
  })
})
