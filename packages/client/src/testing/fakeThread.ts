/** A server that says of one thread what the test lets it say. */
import {
  type ClientCommand,
  type ClientEvent,
  type ClientFrame,
  emptyThreadView,
  foldThread,
  type LiveFrame,
  type RejectionTag,
  type ServerFrame,
  type ThreadEvent,
  type ThreadId,
  type ThreadSummary
} from "@spillway/contracts"
import { logged, threadId } from "@spillway/contracts/testing"
import type { ConnectOptions } from "../connect.ts"
import { clientIn, FakePlace, type FakeSocket } from "./FakePlace.ts"

/** What the thread's log holds, and the frames in which it is told. */
export class FakeThread {
  readonly events: Array<ClientEvent> = []
  #seq = 0

  commits(...events: ReadonlyArray<ThreadEvent>): ReadonlyArray<ClientEvent> {
    const committed = logged(events, this.events.length)
    this.events.push(...committed)
    return committed
  }

  get view() {
    return foldThread(emptyThreadView(threadId), this.events)
  }

  snapshot(id: string, before: string | null = null): ServerFrame {
    return { type: "snapshot", seq: ++this.#seq, id, view: this.view, before }
  }

  told(id: string, events: ReadonlyArray<ClientEvent>): ServerFrame {
    return { type: "events", seq: ++this.#seq, id, events }
  }

  live(id: string, ...frames: ReadonlyArray<LiveFrame>): ServerFrame {
    return { type: "live", seq: ++this.#seq, id, frames }
  }

  caughtUp(id: string): ServerFrame {
    return { type: "caught-up", id, version: this.events.length }
  }
}

export const accepted = ({ commandId, threadId }: ClientCommand, version: number): ServerFrame => ({
  type: "receipt",
  receipt: { status: "accepted", commandId, threadId, version }
})

export const rejected = ({ commandId, threadId }: ClientCommand, _tag: RejectionTag): ServerFrame => ({
  type: "receipt",
  receipt: { status: "rejected", commandId, threadId, rejection: { _tag, message: `It is ${_tag}.` } }
})

export const summaryOf = (threadId: string, but: Partial<ThreadSummary> = {}): ThreadSummary => ({
  threadId: threadId as ThreadId,
  version: 1,
  status: "active",
  title: null,
  activity: "idle",
  turnCount: 0,
  messageCount: 0,
  preview: "",
  createdAt: "",
  updatedAt: "",
  ...but
})

/** The one command that was sent since the last look. */
export const commandIn = (frames: ReadonlyArray<ClientFrame>): ClientCommand => {
  const commands = frames.flatMap((frame) => (frame.type === "command" ? [frame.command] : []))
  if (commands.length !== 1) throw new Error(`sent ${JSON.stringify(frames)}`)
  return commands[0]!
}

/** A client that follows a thread which holds these events, and is up to date. */
export const followed = async (events: ReadonlyArray<ThreadEvent>, options: Partial<ConnectOptions> = {}) => {
  const place = new FakePlace()
  const client = clientIn(place, options)
  const server = new FakeThread()
  server.commits(...events)
  const thread = client.thread(threadId)
  let changes = 0
  thread.subscribe(() => changes++)
  const socket = await place.welcomes()
  const id = subscriptionIn(socket)
  socket.says(server.snapshot(id), server.caughtUp(id))
  socket.takeSent()
  return { place, client, server, thread, socket, id, changes: () => changes }
}

/** The name of the subscription that was asked for. */
export const subscriptionIn = (socket: FakeSocket): string => {
  const asked = socket.takeSent().findLast((frame) => frame.type === "subscribe")
  if (asked === undefined) throw new Error("nothing was subscribed to")
  return asked.id
}
