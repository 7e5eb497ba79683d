import { describe, expect, it } from "@effect/vitest"
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http"
import { type AddressInfo, connect, type Socket } from "node:net"
import { embedded, rejection } from "../testing/embedded.ts"
import { below } from "./ownPath.ts"

/** A service's own server; what it answers begins with `own`. */
const serving = async <A>(
  listener: RequestListener,
  body: (server: Server, url: string) => Promise<A>
): Promise<A> => {
  const server = createServer(listener)
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve))
  try {
    return await body(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const own: RequestListener = (request, response) => void response.end(`own ${request.url}`)

const textOf = async (url: string, init?: RequestInit) => (await fetch(url, init)).text()

/** What comes back first of an upgrade that is asked for by hand. */
const upgrade = (url: string, path: string, protocol = "websocket") =>
  new Promise<string>((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect(Number(port), hostname, () =>
      socket.write(
        `GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`
      )
    )
    let said = ""
    socket.on("data", (data) => {
      said += data.toString()
      if (said.includes("\r\n")) {
        resolve(said.split("\r\n")[0]!)
        socket.destroy()
      }
    })
    socket.on("close", () => resolve("closed"))
  })

const ready = "/spillway/health/ready"

describe("Spillway on a server of the service", () => {
  it.live("takes what is below its path, by request and by websocket, and leaves all the rest", () =>
    embedded((spillway) =>
      serving(own, async (server, url) => {
        server.on("upgrade", (_: IncomingMessage, socket: Socket) =>
          socket.end("HTTP/1.1 101 own\r\nconnection: upgrade\r\n\r\n")
        )
        spillway.mount(server)
        // Also what comes after it gets nothing of it.
        let later = 0
        server.on("request", () => later++)
        expect(JSON.parse(await textOf(url + ready))).toMatchObject({ status: "ready" })
        expect(later).toBe(0)
        for (const path of ["/", "/v1/threads", "/health/ready", "/spillways", "/spillwaynot/health/ready"]) {
          expect(await textOf(url + path)).toBe(`own ${path}`)
        }
        expect(await textOf(`${url}/spillway/nothing`)).toContain("not-found")
        expect(await upgrade(url, "/spillway/v1/ws")).toBe("HTTP/1.1 101 Switching Protocols")
        expect(await upgrade(url, "/v1/ws")).toBe("HTTP/1.1 101 own")
        const thread = await spillway.createThread({ title: "seen" })
        expect(JSON.parse(await textOf(`${url}/spillway/v1/threads/${thread.threadId}`))).toMatchObject({
          title: "seen"
        })
      })
    )
  )

  it.live("answers upgrades of a server that has none of its own as that server did", () =>
    embedded((spillway) =>
      serving(own, async (server, url) => {
        const unmount = spillway.mount(server, { path: "/agents/" })
        expect(await upgrade(url, "/agents/v1/ws")).toBe("HTTP/1.1 101 Switching Protocols")
        expect(await upgrade(url, "/other")).toBe("HTTP/1.1 200 OK")
        expect(await upgrade(url, "/other", "h2c")).toBe("HTTP/1.1 200 OK")
        expect(await upgrade(url, "/agents/health/ready", "h2c")).toBe("HTTP/1.1 200 OK")
        unmount()
        expect(await textOf(`${url}/agents/health/ready`)).toBe("own /agents/health/ready")
        expect(await upgrade(url, "/agents/v1/ws")).toBe("HTTP/1.1 200 OK")
        expect(server.listenerCount("upgrade")).toBe(0)
      })
    )
  )

  it.live("is taken off again by close, also from below something that was put before it", () =>
    embedded((spillway) =>
      serving(own, async (server, url) => {
        spillway.mount(server)
        const emit = server.emit.bind(server)
        server.emit = ((...args: Parameters<typeof emit>) => emit(...args)) as typeof server.emit
        expect(JSON.parse(await textOf(url + ready))).toMatchObject({ status: "ready" })
        await spillway.close()
        expect(await textOf(url + ready)).toBe(`own ${ready}`)
      })
    )
  )

  it.live("at the root takes only paths of its own", () =>
    embedded((spillway) =>
      serving(own, async (server, url) => {
        spillway.mount(server, { path: "/" })
        expect(JSON.parse(await textOf(`${url}/health/ready`))).toMatchObject({ status: "ready" })
        expect(await textOf(`${url}/v1/info`)).toContain("spillway")
        expect(await textOf(`${url}/v2/info`)).toBe("own /v2/info")
        expect(await textOf(`${url}/document`)).toBe("own /document")
      })
    )
  )

  it.live("is a connect-style handler, and one for upgrades", () =>
    embedded((spillway) =>
      serving(
        (request, response) => spillway.requestHandler(request, response, () => own(request, response)),
        async (server, url) => {
          server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
            if (!spillway.upgradeHandler(request, socket, head)) socket.end("HTTP/1.1 101 own\r\n\r\n")
          })
          expect(JSON.parse(await textOf(`${url}/health/ready`))).toMatchObject({ status: "ready" })
          expect(await textOf(`${url}/other`)).toBe("own /other")
          expect(await upgrade(url, "/v1/ws")).toBe("HTTP/1.1 101 Switching Protocols")
          expect(await upgrade(url, "/own")).toBe("HTTP/1.1 101 own")
        }
      )
    )
  )

  it.live("lets only this machine in without a token", () =>
    embedded((spillway) =>
      serving(own, async (server, url) => {
        spillway.mount(server)
        let from = "192.0.2.7"
        server.on("connection", (socket) =>
          Object.defineProperty(socket, "remoteAddress", { get: () => from })
        )
        for (const address of ["192.0.2.7", "::ffff:192.0.2.7", "2001:db8::1"]) {
          from = address
          const refused = await fetch(url + ready, { headers: { connection: "close" } })
          expect(refused.status).toBe(403)
          expect(await refused.json()).toMatchObject({ code: "host-not-allowed" })
          expect(await upgrade(url, "/spillway/v1/ws")).toBe("HTTP/1.1 403 Forbidden")
        }
        for (const address of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
          from = address
          expect((await fetch(url + ready, { headers: { connection: "close" } })).status).toBe(200)
        }
        expect(await rejection(spillway.listen({ host: "0.0.0.0" }))).toMatchObject({
          code: "token-required"
        })
      })
    )
  )

  it.live("lets in who has the token, from wherever", () =>
    embedded(
      (spillway) =>
        serving(own, async (server, url) => {
          spillway.mount(server)
          server.on("connection", (socket) =>
            Object.defineProperty(socket, "remoteAddress", { value: "192.0.2.7" })
          )
          const threads = `${url}/spillway/v1/threads`
          expect((await fetch(threads)).status).toBe(401)
          expect((await fetch(threads, { headers: { authorization: "Bearer secret" } })).status).toBe(200)
          const { url: listened } = await spillway.listen()
          expect(
            (await fetch(`${listened}/v1/threads`, { headers: { authorization: "Bearer secret" } })).status
          ).toBe(200)
        }),
      { token: "secret" }
    )
  )

  it.live("listens on a server of its own, and says when it can't", () =>
    embedded(async (spillway) => {
      const { port, url } = await spillway.listen()
      expect(JSON.parse(await textOf(`${url}/health/ready`))).toMatchObject({ status: "ready" })
      expect(await rejection(spillway.listen({ port }))).toMatchObject({
        code: "listen-failed",
        message: expect.not.stringContaining("SPILLWAY_")
      })
      expect(() => spillway.mount(createServer(), { path: "no-slash" })).toThrow("begins with a slash")
    })
  )
})

describe("below", () => {
  it.each([
    ["/spillway", "/spillway/v1/ws?a=1", "/v1/ws?a=1"],
    ["/spillway", "/spillway", "/"],
    ["/spillway", "/spillway?a=1", "/?a=1"],
    ["/spillway", "/spillways/v1/ws", undefined],
    ["/spillway", undefined, undefined],
    ["", "/v1/ws", "/v1/ws"],
    ["", "/health/live?x", "/health/live?x"],
    ["", "/metrics", "/metrics"],
    ["", "/openapi.json", "/openapi.json"],
    ["", "/docs", "/docs"],
    ["", "/v10", undefined],
    ["", "/", undefined]
  ])("below %j, %j is %j", (prefix, url, expected) => {
    expect(below(prefix, url)).toBe(expected)
  })
})
