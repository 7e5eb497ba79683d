/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/** Watches the list of threads and one of them, and talks to it. The client does the rest: reconnects, catches up, never shows a thing twice. */
import { connect, type MessageView, type Thread } from "@spillway/client"

const client = connect({ url: "/spillway", deliveryMode: "streaming" })
const threads = client.threads()

const element = (id: string): HTMLElement => document.getElementById(id)!
const input = element("text") as HTMLInputElement

let thread: Thread
let leave = (): void => {}

const open = (id?: string): void => {
  leave()
  thread = client.thread(id)
  const unsubscribe = thread.subscribe(renderThread)
  leave = unsubscribe
  history.replaceState(null, "", `#${thread.id}`)
  element("messages").replaceChildren()
  renderThread()
  renderList()
  input.focus()
}

const renderList = (): void => {
  element("threads").replaceChildren(
    ...threads.state.threads.map((summary) => {
      const link = document.createElement("a")
      link.href = `#${summary.threadId}`
      link.className = summary.activity
      link.textContent = summary.title ?? "A thread"
      if (summary.threadId === thread.id) link.setAttribute("aria-current", "true")
      const preview = document.createElement("small")
      preview.textContent = summary.preview === "" ? `${summary.messageCount} messages` : summary.preview
      link.append(preview)
      return link
    })
  )
}

/** A message keeps its id from its first sign to its last, so its element stays the same one too. */
const items = new Map<string, { readonly item: HTMLElement; shown: MessageView | null }>()

const textOf = ({ parts }: MessageView): string =>
  parts.map((part) => (part.type === "text" ? part.text : "")).join("")

const renderThread = (): void => {
  const { messages, pending, view } = thread.state
  const list = element("messages")
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  for (const [id, { item }] of items) {
    if (!messages.some(({ messageId }) => messageId === id)) {
      item.remove()
      items.delete(id)
    }
  }
  for (const message of messages) {
    const known = items.get(message.messageId) ?? { item: document.createElement("li"), shown: null }
    items.set(message.messageId, known)
    if (known.shown !== message) {
      known.shown = message
      known.item.className = `${message.role} ${message.status}`
      known.item.textContent = textOf(message)
      if (message.error) {
        const reason = document.createElement("small")
        reason.textContent = message.error.message
        known.item.append(reason)
      }
    }
    if (known.item.parentElement !== list) list.append(known.item)
  }
  const refused = pending.find(({ reason }) => reason !== null)
  element("title").textContent = view.title ?? "A thread"
  element("activity").textContent =
    refused?.reason?.message ?? (view.activeTurnId === null ? "" : "is answering")
  element("stop").hidden = view.activeTurnId === null
  if (wasAtEnd) list.scrollTop = list.scrollHeight
}

const renderConnection = (): void => {
  const { state } = client.connection.state
  const status = element("connection")
  status.textContent = state === "connected" ? "live" : state
  status.className = state
}

client.connection.subscribe(renderConnection)
threads.subscribe(renderList)
addEventListener("hashchange", () => open(location.hash.slice(1)))
element("new").addEventListener("click", () => open())
element("stop").addEventListener("click", () => void thread.interrupt().accepted.catch(() => {}))
element("send").addEventListener("submit", (event) => {
  event.preventDefault()
  if (input.value.trim() === "") return
  // What becomes of it is in the thread's state, also where it is turned down.
  thread.send(input.value).accepted.catch(() => {})
  input.value = ""
})

open(location.hash === "" ? undefined : location.hash.slice(1))
