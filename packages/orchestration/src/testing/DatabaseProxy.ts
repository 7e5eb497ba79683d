/** Stands between a process and its database, and does what networks do. */
import { Effect, Redacted } from "effect"
import {
  type AddressInfo,
  connect,
  createServer,
  type NetConnectOpts,
  type Server,
  type Socket
} from "node:net"

/** `pass`; or, with every connection left as it is: nothing gets through, or no answers do. */
type Way = "pass" | "stalled" | "answerless"

interface Link {
  readonly sockets: readonly [near: Socket, far: Socket]
  way: Way
}

export class DatabaseProxy {
  readonly #target: NetConnectOpts
  readonly #links = new Set<Link>()
  #server: Server
  #port = 0
  #way: Way = "pass"

  private constructor(target: NetConnectOpts) {
    this.#target = target
    this.#server = this.#listen()
  }

  /** Before the database of an address. */
  static readonly open = (url: Redacted.Redacted) =>
    Effect.acquireRelease(
      Effect.promise(async () => {
        const proxy = new DatabaseProxy(targetOf(new URL(Redacted.value(url))))
        await proxy.come()
        return proxy
      }),
      (proxy) => Effect.promise(() => proxy.go())
    ).pipe(
      Effect.map((proxy) => {
        const through = new URL(Redacted.value(url))
        through.hostname = "127.0.0.1"
        through.port = String(proxy.#port)
        through.searchParams.delete("host")
        through.searchParams.delete("port")
        return { proxy, url: Redacted.make(through.href) }
      })
    )

  /** What happens on the connections that there are, and on those that come. */
  set(way: Way): void {
    this.#way = way
    for (const link of this.#links) link.way = way
  }

  /** Connections that come are well again; those that there are stay as they are. */
  heal(): void {
    this.#way = "pass"
  }

  cut(): void {
    for (const { sockets } of this.#links) for (const socket of sockets) socket.destroy()
  }

  /** Nobody is there: connections are cut, and refused. */
  async go(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve))
    this.cut()
    await closed
  }

  async come(): Promise<void> {
    this.#server = this.#listen()
    await new Promise<void>((resolve) => this.#server.listen(this.#port, "127.0.0.1", resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  #listen(): Server {
    return createServer((near) => {
      const far = connect(this.#target)
      const link: Link = { sockets: [near, far], way: this.#way }
      this.#links.add(link)
      const end = () => {
        this.#links.delete(link)
        near.destroy()
        far.destroy()
      }
      for (const socket of link.sockets) socket.on("error", end).on("close", end)
      near.on("data", (bytes) => {
        if (link.way !== "stalled") far.write(bytes)
      })
      far.on("data", (bytes) => {
        if (link.way === "pass") near.write(bytes)
      })
    })
  }
}

const targetOf = (url: URL): NetConnectOpts => {
  const host = url.searchParams.get("host") ?? url.hostname
  const port = Number(url.searchParams.get("port") ?? (url.port || 5432))
  return host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port }
}
