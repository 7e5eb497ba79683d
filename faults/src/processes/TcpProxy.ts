/**
 * A network of our own on loopback: what connects to its port is connected to the target, until it is cut, kept waiting, or left in the
 * dark. It keeps what it carries in order, and reads no faster than the other side takes.
 */
import { Effect } from "effect"
import { type AddressInfo, connect, createServer, type Socket } from "node:net"
import type { Seeded } from "../seeded.ts"

interface Link {
  readonly near: Socket
  readonly far: Socket
  /** Bytes of answers until it is cut. */
  answersLeft: number
  /** Sends on what the black hole held back. */
  readonly flush: () => void
}

export class TcpProxy {
  /** Where it leads to; `null`: nobody is there. */
  target: number | null = null
  /** Connections that were cut. */
  cuts = 0
  #port = 0
  #delay = 0
  #isDark = false
  readonly #links = new Set<Link>()
  readonly #server = createServer({ allowHalfOpen: true }, (near) => this.#accept(near))

  /** Listens on a free port of 127.0.0.1, and ends with the scope. */
  static readonly open = Effect.acquireRelease(
    Effect.callback<TcpProxy>((resume) => {
      const proxy = new TcpProxy()
      proxy.#server.listen(0, "127.0.0.1", () => {
        proxy.#port = (proxy.#server.address() as AddressInfo).port
        resume(Effect.succeed(proxy))
      })
    }),
    (proxy) =>
      Effect.sync(() => {
        proxy.#server.close()
        for (const link of proxy.#links) end(link)
      })
  )

  get port(): number {
    return this.#port
  }

  /** Ends connections without a goodbye; the result says how many. */
  cut(percent: number, chance: Seeded): number {
    const chosen = [...this.#links].filter(() => chance.percent(percent))
    for (const link of chosen) this.#cut(link)
    return chosen.length
  }

  /** Ends each of the connections once it has carried so many bytes more of answers. */
  cutInAnswer(afterBytes: number): void {
    for (const link of this.#links) link.answersLeft = afterBytes
  }

  /** From now on everything takes so many milliseconds longer. */
  delay(milliseconds: number): void {
    this.#delay = milliseconds
  }

  /** While it is dark nothing gets through, and nothing ends. */
  darken(isDark: boolean): void {
    this.#isDark = isDark
    if (!isDark) for (const link of this.#links) link.flush()
  }

  /** Nothing is in the way of what is connected now or will be. */
  calm(): void {
    this.#delay = 0
    this.darken(false)
    this.cutInAnswer(Number.POSITIVE_INFINITY)
  }

  #cut(link: Link): void {
    if (!this.#links.delete(link)) return
    this.cuts++
    end(link)
  }

  #accept(near: Socket): void {
    if (this.target === null) return void near.resetAndDestroy()
    const far = connect({ port: this.target, host: "127.0.0.1", allowHalfOpen: true })
    const up = this.#carry(near, far, () => far.end())
    const down = this.#carry(
      far,
      near,
      () => near.end(),
      (chunk) => {
        const allowed = chunk.subarray(0, link.answersLeft)
        link.answersLeft -= allowed.length
        if (allowed.length === chunk.length) return chunk
        // The beginning of it still arrives.
        near.write(allowed)
        near.destroySoon()
        this.#cut(link)
        return null
      }
    )
    const link: Link = {
      near,
      far,
      answersLeft: Number.POSITIVE_INFINITY,
      flush: () => {
        up()
        down()
      }
    }
    this.#links.add(link)
    for (const socket of [near, far]) {
      socket.setNoDelay(true)
      socket.on("error", () => undefined)
      socket.on("close", () => {
        this.#links.delete(link)
        end(link)
      })
    }
  }

  /** @param passing what is sent on of a chunk; `null` when the connection is cut with it. */
  #carry(
    from: Socket,
    to: Socket,
    onEnd: () => void,
    passing: (chunk: Buffer) => Buffer | null = (chunk) => chunk
  ): () => void {
    const waiting: Array<{ readonly due: number; readonly chunk: Buffer | null }> = []
    let timer: NodeJS.Timeout | undefined
    const flush = () => {
      timer = undefined
      while (!this.#isDark && waiting.length > 0) {
        const { chunk, due } = waiting[0]!
        const early = due - performance.now()
        if (early > 0) {
          timer = setTimeout(flush, early)
          return
        }
        waiting.shift()
        if (to.destroyed) return
        if (chunk === null) onEnd()
        else {
          const passed = passing(chunk)
          if (passed === null) return
          if (!to.write(passed)) {
            from.pause()
            to.once("drain", () => from.resume())
          }
        }
      }
      if (!this.#isDark) from.resume()
    }
    const add = (chunk: Buffer | null) => {
      waiting.push({ due: performance.now() + this.#delay, chunk })
      if (this.#isDark) from.pause()
      else if (timer === undefined) flush()
    }
    from.on("data", add)
    from.on("end", () => add(null))
    return () => {
      if (timer === undefined) flush()
    }
  }
}

/** Without a goodbye, but for a socket that is ending already. */
const end = ({ far, near }: Link): void => {
  for (const socket of [near, far]) if (!socket.destroyed && !socket.writableEnded) socket.resetAndDestroy()
}
