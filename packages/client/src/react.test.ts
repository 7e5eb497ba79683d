import { begun, closed, created, ended, frame, opened, segment, threadId } from "@spillway/contracts/testing"
import { act, createElement, memo, type ReactElement, StrictMode } from "react"
import { renderToString } from "react-dom/server"
import { describe, expect, it, vi } from "vitest"
import type { SpillwayClient } from "./connect.ts"
import type { MessageView } from "./index.ts"
import { SpillwayProvider, useConnection, useSpillway, useThread, useThreads } from "./react.ts"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { FakeThread, subscriptionIn, summaryOf } from "./testing/fakeThread.ts"
import { rendered } from "./testing/rendered.ts"

/** How often each message was rendered. */
const renders = new Map<string, number>()

const Message = memo(({ message }: { readonly message: MessageView }) => {
  renders.set(message.messageId, (renders.get(message.messageId) ?? 0) + 1)
  return createElement("p", { id: message.messageId }, textOf(message))
})

const textOf = ({ parts }: MessageView) =>
  parts.map((part) => (part.type === "tool-call" ? "" : part.text)).join("")

const Chat = ({ id }: { readonly id: string }) => {
  const { messages, pending, status, thread } = useThread(id)
  return createElement(
    "section",
    null,
    createElement("i", null, `${thread.id} ${status} ${pending.length}`),
    messages.map((message) => createElement(Message, { key: message.messageId, message }))
  )
}

const Threads = () =>
  createElement(
    "ul",
    null,
    useThreads()
      .threads.map(({ threadId }) => threadId)
      .join(" ")
  )
const Connection = () => createElement("b", null, useConnection().state)

const within = (client: SpillwayClient, ...children: ReadonlyArray<ReactElement>) =>
  createElement(StrictMode, null, createElement(SpillwayProvider, { client }, ...children))

const chatOf = (client: SpillwayClient, id: string = threadId) => within(client, createElement(Chat, { id }))

const setUp = () => {
  const place = new FakePlace()
  const server = new FakeThread()
  return { place, server, client: clientIn(place) }
}

describe("the hooks", () => {
  it("show a thread as it grows, and render again only what changed", async () => {
    const { client, place, server } = setUp()
    server.commits(created, ...begun("t1"), opened("t1"))
    const page = rendered(chatOf(client))
    expect(page.text()).toBe("thread loading 0")
    const socket = await place.welcomes()
    const id = subscriptionIn(socket)
    act(() => socket.says(server.snapshot(id), server.caughtUp(id)))
    expect(page.text()).toBe("thread live 0ask t1")
    const elements = page.all("p")
    renders.clear()
    act(() => socket.says(server.live(id, frame("t1", "Hello"))))
    expect(page.text()).toBe("thread live 0ask t1Hello")
    const rest = [segment("t1", "Hello"), closed("t1"), ended("t1")]
    act(() => socket.says(server.told(id, server.commits(...rest))))
    // A14: the same elements from the first live word to the end.
    expect(page.all("p")).toEqual(elements)
    expect(renders.get("t1/ask")).toBeUndefined()
    page.leave()
    await Promise.resolve()
    expect(socket.takeSent()).toMatchObject([{ type: "unsubscribe", id }])
  })

  it("subscribe once under StrictMode, and to another thread when the id changes", async () => {
    const { client, place } = setUp()
    const page = rendered(chatOf(client, "one"))
    const socket = await place.welcomes()
    const asked = () => socket.takeSent().filter(({ type }) => type === "subscribe" || type === "unsubscribe")
    expect(asked()).toMatchObject([{ subscription: { threadId: "one" } }])
    page.change(chatOf(client, "two"))
    await Promise.resolve()
    expect(asked()).toMatchObject([{ subscription: { threadId: "two" } }, { type: "unsubscribe" }])
    page.leave()
  })

  it("show a send at once", async () => {
    const { client, place, server } = setUp()
    server.commits(created)
    const page = rendered(chatOf(client))
    const socket = await place.welcomes()
    const id = subscriptionIn(socket)
    act(() => socket.says(server.snapshot(id), server.caughtUp(id)))
    act(() => void client.thread(threadId).send("hello"))
    expect(page.text()).toBe("thread live 1hello")
    page.leave()
  })

  it("show the list of threads and how the connection stands", async () => {
    const { client, place } = setUp()
    const page = rendered(within(client, createElement(Threads), createElement(Connection)))
    expect(page.text()).toBe("connecting")
    const socket = await act(() => place.welcomes())
    const id = subscriptionIn(socket)
    act(() => socket.says({ type: "snapshot", seq: 1, id, threads: [summaryOf("a"), summaryOf("b")] }))
    expect(page.text()).toBe("a bconnected")
    act(() => socket.cuts())
    expect(page.text()).toBe("a bwaiting")
    page.leave()
  })

  it("render on a server without a connection, and take over in the browser without a word of warning", async () => {
    const onServer = setUp()
    const html = renderToString(chatOf(onServer.client))
    expect(html).toContain("thread loading 0")
    expect(onServer.place.sockets).toEqual([])

    const { client, place, server } = setUp()
    server.commits(created, ...begun("t1"))
    // It knows of the thread before the page is taken over.
    client.thread(threadId).subscribe(() => {})
    const socket = await place.welcomes()
    const id = subscriptionIn(socket)
    socket.says(server.snapshot(id), server.caughtUp(id))
    const warned = vi.spyOn(console, "error")
    const page = rendered(chatOf(client), html)
    expect(warned).not.toHaveBeenCalled()
    warned.mockRestore()
    expect(page.text()).toBe("thread live 0ask t1")
    page.leave()
  })

  it("say what is missing where there is no provider", () => {
    const Lonely = () => createElement("b", null, useSpillway().connection.state.state)
    expect(() => renderToString(createElement(Lonely))).toThrow(
      "There is no Spillway client here: put <SpillwayProvider client={…}> around what uses it."
    )
  })
})
