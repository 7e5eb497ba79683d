import { expect, it } from "vitest"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { subscriptionIn, summaryOf } from "./testing/fakeThread.ts"

const at = (seconds: number) => new Date(seconds * 1_000).toISOString()

const listed = async () => {
  const place = new FakePlace()
  const client = clientIn(place)
  const list = client.threads()
  list.subscribe(() => {})
  const socket = await place.welcomes()
  const id = subscriptionIn(socket)
  const threads = [summaryOf("a", { updatedAt: at(1) }), summaryOf("b", { updatedAt: at(2) })]
  socket.says({ type: "snapshot", seq: 1, id, threads }, { type: "caught-up", id, version: 0 })
  return { place, client, list, socket, id }
}

it("the list of threads has the last updated first, and leaves out those that were deleted", async () => {
  const { id, list, socket } = await listed()
  const ids = () => list.state.threads.map(({ threadId }) => threadId)
  expect(list.state.status).toBe("live")
  expect(ids()).toEqual(["b", "a"])
  const [b] = list.state.threads
  socket.says({
    type: "threads",
    seq: 2,
    id,
    threads: [
      summaryOf("a", { version: 2, title: "A", updatedAt: at(3) }),
      summaryOf("c", { updatedAt: at(2), status: "archived" })
    ]
  })
  expect(ids()).toEqual(["a", "b", "c"])
  expect(list.state.threads[1]).toBe(b)
  socket.says({ type: "threads", seq: 3, id, threads: [summaryOf("b", { version: 2, status: "deleted" })] })
  expect(ids()).toEqual(["a", "c"])
})

it("the list stays as it was through a cut, and is the new snapshot's afterwards", async () => {
  const { list, place, socket } = await listed()
  const [b] = list.state.threads
  socket.cuts()
  expect(list.state).toMatchObject({ status: "behind", threads: [{ threadId: "b" }, { threadId: "a" }] })
  place.passes(30_000)
  const next = await place.welcomes()
  const id = subscriptionIn(next)
  const threads = [summaryOf("b", { updatedAt: at(2) }), summaryOf("d", { updatedAt: at(9) })]
  next.says({ type: "snapshot", seq: 1, id, threads }, { type: "caught-up", id, version: 0 })
  expect(list.state).toMatchObject({ status: "live", threads: [{ threadId: "d" }, { threadId: "b" }] })
  expect(list.state.threads[1]).toBe(b)
})

it("the list takes nothing over from another log", async () => {
  const { list, place, socket } = await listed()
  socket.cuts()
  place.passes(30_000)
  const next = await place.welcomes("log-2")
  const id = subscriptionIn(next)
  const other = summaryOf("b", { title: "Another b", updatedAt: at(2) })
  next.says({ type: "snapshot", seq: 1, id, threads: [other] })
  expect(list.state.threads).toEqual([other])
})
