/** What a client needs of the place it runs in. A browser and Node have all of it; tests bring their own. */

/** The part of a browser's WebSocket that is used. */
export interface Socket {
  addEventListener(type: "open" | "error", listener: () => void): void
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: "close", listener: (event: { readonly code: number }) => void): void
  send(text: string): void
  close(): void
}

/** Any class with the interface of a browser's WebSocket. */
export type SocketClass = new (url: string) => object

export type Fetch = (
  url: string,
  options: { readonly headers: Record<string, string> }
) => Promise<{ readonly ok: boolean; readonly status: number; json(): Promise<unknown> }>

export interface Environment {
  readonly openSocket: (url: string) => Socket
  readonly fetch: Fetch
  /** Milliseconds, as a person's clock shows them: it jumps when a machine wakes. */
  readonly now: () => number
  /** Runs once, after so many milliseconds; the result cancels it. */
  readonly after: (milliseconds: number, run: () => void) => () => void
  /** In [0, 1). */
  readonly random: () => number
  /** Calls when the page may have slept, or the network came back; the result stops it. */
  readonly onWake: (wake: () => void) => () => void
}

interface Target {
  addEventListener?: (type: string, listener: () => void) => void
  removeEventListener?: (type: string, listener: () => void) => void
}

interface Page extends Target {
  readonly WebSocket?: SocketClass
  readonly fetch?: Fetch
  readonly document?: Target & { readonly visibilityState: string }
}

/** Of the page or the process. `WebSocket` stands in where there is none. */
export const environment = (WebSocket?: SocketClass): Environment => {
  const page = globalThis as unknown as Page
  const SocketClass = WebSocket ?? page.WebSocket
  if (SocketClass === undefined) {
    throw new Error(
      "There is no WebSocket here: use Node 22 or newer, or pass one, as in connect({ url, WebSocket }) with the WebSocket of the package ws."
    )
  }
  return {
    openSocket: (url) => new SocketClass(url) as Socket,
    fetch: (url, options) => page.fetch!(url, options),
    now: Date.now,
    after: (milliseconds, run) => {
      const timer = setTimeout(run, milliseconds)
      return () => clearTimeout(timer)
    },
    random: Math.random,
    onWake: (wake) => {
      const { document } = page
      const onVisible = () => {
        if (document?.visibilityState === "visible") wake()
      }
      const listening = [
        [document, "visibilitychange", onVisible],
        [document, "resume", wake],
        [page, "pageshow", wake],
        [page, "online", wake]
      ] as const
      for (const [target, type, listener] of listening) target?.addEventListener?.(type, listener)
      return () => {
        for (const [target, type, listener] of listening) target?.removeEventListener?.(type, listener)
      }
    }
  }
}
