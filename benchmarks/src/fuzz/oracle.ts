/** What must come of a frame, worked out from the contracts alone: the server is asked nothing. */
import { ClientFrame, FRAME_LIMIT, type ServerFrame } from "@spillway/contracts"
import { Exit, Schema } from "effect"
import type { OutFrame } from "./inputs.ts"

export type Expected =
  /** Nothing: the protocol has no answer to it. */
  | { readonly kind: "nothing" }
  | { readonly kind: "error" }
  | { readonly kind: "pong" }
  /** A receipt, or an error with this commandId. */
  | { readonly kind: "answer"; readonly commandId: string }
  /** Whatever carries the subscription's id. */
  | { readonly kind: "subscribed"; readonly id: string }
  | { readonly kind: "unsubscribed"; readonly id: string }
  /** The connection ends with this code. */
  | { readonly kind: "closed"; readonly code: number }

const decode = Schema.decodeUnknownExit(ClientFrame)

const types: ReadonlySet<unknown> = new Set(Object.keys(ClientFrame.cases))

export const expectedOf = ({ binary, data }: OutFrame): Expected => {
  const bytes = typeof data === "string" ? Buffer.from(data) : data
  if (bytes.length > FRAME_LIMIT) return { kind: "error" }
  if (binary) return { kind: "error" }
  if (typeof data !== "string" && !isUtf8(data)) return { kind: "closed", code: 1007 }
  let value: unknown
  try {
    value = JSON.parse(bytes.toString("utf8"))
  } catch {
    return { kind: "error" }
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return { kind: "error" }
  const { type } = value as { readonly type?: unknown }
  if (typeof type !== "string") return { kind: "error" }
  if (!types.has(type)) return { kind: "nothing" }
  const decoded = decode(value)
  return Exit.isFailure(decoded) ? { kind: "error" } : ofFrame(decoded.value)
}

const ofFrame = (frame: ClientFrame): Expected => {
  switch (frame.type) {
    case "hello":
      return { kind: "error" }
    case "command":
      return { kind: "answer", commandId: frame.command.commandId }
    case "subscribe":
      return { kind: "subscribed", id: frame.id }
    case "unsubscribe":
      return { kind: "unsubscribed", id: frame.id }
    case "ping":
      return { kind: "pong" }
    case "ack":
    case "pong":
      return { kind: "nothing" }
  }
}

const isUtf8 = (bytes: Buffer): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

/** What is still to come of what was sent. What comes beside it (an error on top of a snapshot, say) is not counted. */
export class Awaited {
  #errors = 0
  #pongs = 0
  readonly #answers = new Map<string, number>()
  readonly #subscriptions = new Set<string>()
  /** The code with which the connection is to end. */
  closes: number | null = null

  expect(expected: Expected): void {
    switch (expected.kind) {
      case "nothing":
        return
      case "error":
        this.#errors += 1
        return
      case "pong":
        this.#pongs += 1
        return
      case "answer":
        this.#answers.set(expected.commandId, (this.#answers.get(expected.commandId) ?? 0) + 1)
        return
      case "subscribed":
        this.#subscriptions.add(expected.id)
        return
      case "unsubscribed":
        this.#subscriptions.delete(expected.id)
        return
      case "closed":
        this.closes = expected.code
    }
  }

  came(frame: ServerFrame): void {
    if (frame.type === "pong") this.#pongs -= 1
    if (frame.type === "error") {
      this.#errors -= 1
      if (frame.commandId !== undefined) this.#answered(frame.commandId)
    }
    if (frame.type === "receipt") this.#answered(frame.receipt.commandId)
    if ("id" in frame && frame.id !== undefined) this.#subscriptions.delete(frame.id)
  }

  get isOver(): boolean {
    return this.missing === ""
  }

  /** For a person. */
  get missing(): string {
    const parts = [
      ...(this.#errors > 0 ? [`${this.#errors} errors`] : []),
      ...(this.#pongs > 0 ? [`${this.#pongs} pongs`] : []),
      ...Array.from(this.#answers, ([id, count]) => `${count} answers to ${id}`),
      ...Array.from(this.#subscriptions, (id) => `anything of the subscription ${id}`)
    ]
    return parts.join(", ")
  }

  #answered(commandId: string): void {
    const left = (this.#answers.get(commandId) ?? 0) - 1
    if (left > 0) this.#answers.set(commandId, left)
    else this.#answers.delete(commandId)
  }
}
