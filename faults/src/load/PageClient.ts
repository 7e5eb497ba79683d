/**
 * The client that pages use, `@spillway/client`, with sockets that write down what goes over them: it makes its commands itself, and sends
 * them again itself.
 */
import { connect, type Sent, type SpillwayClient, type Thread } from "@spillway/client"
import type { ClientCommand, ClientFrame, ServerFrame } from "@spillway/contracts"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import type { Answer, Hands } from "./Hands.ts"

export class PageClient {
  readonly threads = new Map<string, Thread>()
  readonly #client: SpillwayClient
  #unanswered = 0

  constructor(options: { readonly url: string; readonly ledger: CommandLedger }) {
    this.#client = connect({ url: options.url, WebSocket: recording(options.ledger) })
  }

  get unanswered(): number {
    return this.#unanswered
  }

  hands(threadId: string): Hands {
    const thread = this.#client.thread(threadId)
    this.threads.set(threadId, thread)
    // It is followed from here on, to the end.
    thread.subscribe(() => undefined)
    return {
      dispatch: (command) => this.#answer(thread, give(thread, command)),
      view: () => thread.view,
      onChange: (listener) => thread.subscribe(listener)
    }
  }

  /** As when somebody comes back to the page: it does not wait for its next attempt. */
  wake(): void {
    if (this.#client.connection.state.state === "waiting") this.#client.reconnect()
  }

  close(): void {
    this.#client.close()
  }

  async #answer(thread: Thread, sent: Sent): Promise<Answer> {
    this.#unanswered++
    try {
      await sent.accepted
      return "accepted"
    } catch (error) {
      const { _tag } = error as { _tag?: string }
      // What was turned down stays in the view until its person has read why.
      thread.dismiss(sent.commandId)
      return _tag === "CommandRejected" ? "rejected" : "gone"
    } finally {
      this.#unanswered--
    }
  }
}

/** The same as a person would do it on a page. Its ids are the page's own, but for those of a turn's start. */
const give = (thread: Thread, command: ClientCommand): Sent => {
  switch (command.type) {
    case "thread.create":
      return thread.create(command.title === undefined ? {} : { title: command.title })
    case "thread.update":
      return thread.update(command)
    case "thread.archive":
      return thread.archive()
    case "thread.unarchive":
      return thread.unarchive()
    case "thread.delete":
      return thread.delete()
    case "thread.turn.start": {
      const { assistantDeliveryMode: mode, choice, ifBusy, messageId, role, text, turnId } = command
      return thread.send(text, {
        turnId,
        messageId,
        ...(mode !== undefined && { mode }),
        ...(choice !== undefined && { choice }),
        ...(ifBusy !== undefined && { ifBusy }),
        ...(role !== undefined && { role })
      })
    }
    case "thread.turn.interrupt":
      return thread.interrupt(command.turnId)
    case "thread.turn.retry":
      return thread.retry(command.retryOf)
    case "thread.turn.steer":
      return thread.steer(command.text)
    case "thread.request.respond":
      return thread.respond(command.requestId, command.response)
  }
}

const recording = (ledger: CommandLedger) =>
  class extends WebSocket {
    constructor(url: string) {
      super(url)
      super.addEventListener("message", ({ data }: MessageEvent) => {
        const text = String(data)
        if (!text.startsWith('{"type":"receipt"')) return
        const frame = JSON.parse(text) as Extract<ServerFrame, { readonly type: "receipt" }>
        ledger.acknowledged(frame.receipt)
      })
    }

    override send(text: string): void {
      super.send(text)
      if (this.readyState !== WebSocket.OPEN || !text.startsWith('{"type":"command"')) return
      ledger.sent((JSON.parse(text) as Extract<ClientFrame, { readonly type: "command" }>).command)
    }
  }
