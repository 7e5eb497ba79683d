/** What a server must still do, whatever came before: a turn from its command to its end, and text as it was given. */
import type { ClientCommand } from "@spillway/contracts"
import { jsonTexts } from "./nasty.ts"
import { BASE_THREADS, namesOf } from "./names.ts"

/** How long a turn of the scripted runtime may take. Milliseconds. */
const TURN_TIMEOUT = 20_000

const urlOf = (port: number, path: string) => `http://127.0.0.1:${port}${path}`

const send = async (
  port: number,
  command: Omit<ClientCommand, "commandId"> & Record<string, unknown>,
  id: string
) => {
  const response = await fetch(urlOf(port, "/v1/commands"), {
    method: "POST",
    headers: { "content-type": "application/json", "idempotency-key": id },
    body: JSON.stringify(command)
  })
  if (!response.ok)
    throw new Error(`${command.type} is answered with ${response.status}: ${await response.text()}`)
}

const read = async <A>(port: number, path: string): Promise<A> => {
  const response = await fetch(urlOf(port, path))
  if (!response.ok) throw new Error(`${path} is answered with ${response.status}: ${await response.text()}`)
  return (await response.json()) as A
}

interface View {
  readonly view: { readonly title: string; readonly metadata: Readonly<Record<string, unknown>> }
}

interface Messages {
  readonly messages: ReadonlyArray<{
    readonly role: string
    readonly parts: ReadonlyArray<{ readonly type: string; readonly text?: string }>
  }>
}

/** Runs a turn, from its command to its end. */
export const serveTurn = async (port: number, threadId: string, prompt: string): Promise<void> => {
  const turnId = `${threadId}.turn`
  await send(port, { type: "thread.create", threadId } as never, `${threadId}.create`)
  await send(
    port,
    { type: "thread.turn.start", threadId, turnId, messageId: `${turnId}.m`, text: prompt } as never,
    `${turnId}.start`
  )
  const until = performance.now() + TURN_TIMEOUT
  for (;;) {
    const { turns } = await read<{ readonly turns: ReadonlyArray<{ readonly status: string }> }>(
      port,
      `/v1/threads/${threadId}/turns`
    )
    const status = turns[0]?.status
    if (status === "completed") return
    if (status !== "active" && status !== "queued") throw new Error(`The turn is ${status}.`)
    if (performance.now() > until) throw new Error(`The turn is still ${status}.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The threads that inputs are about: the first has had a turn, the second waits for an approval. */
export const makeBaseThreads = async (port: number, seed: number): Promise<void> => {
  const names = namesOf(seed)
  await Promise.all(
    Array.from({ length: BASE_THREADS }, async (_, i) => {
      const threadId = names.baseThread(i)
      if (i === 0) return serveTurn(port, threadId, "hello")
      await send(port, { type: "thread.create", threadId, title: `Base ${i}` } as never, `${threadId}.create`)
      if (i !== 1) return
      const turn = {
        threadId,
        turnId: `${threadId}.turn`,
        messageId: `${threadId}.turn.m`,
        text: "[[approval]]"
      }
      await send(port, { type: "thread.turn.start", ...turn } as never, `${threadId}.start`)
    })
  )
}

const JSON_THREAD = "looks-like-json"

/** Says everything that looks like JSON: as titles, as messages, and as metadata. */
export const sayJsonTexts = async (port: number): Promise<void> => {
  for (const [i, text] of jsonTexts.entries()) {
    const threadId = `${JSON_THREAD}.${i}`
    await send(
      port,
      { type: "thread.create", threadId, title: text, metadata: { text } } as never,
      `${threadId}.c`
    )
    const turn = { turnId: `${threadId}.turn`, messageId: `${threadId}.m`, text }
    await send(port, { type: "thread.turn.start", threadId, ...turn } as never, `${threadId}.s`)
  }
}

/** What is another text by now than was said; none when all is as it was. */
export const changedJsonTexts = async (port: number): Promise<ReadonlyArray<string>> => {
  const changed: Array<string> = []
  for (const [i, text] of jsonTexts.entries()) {
    const threadId = `${JSON_THREAD}.${i}`
    const { view } = await read<View>(port, `/v1/threads/${threadId}/view`)
    const { messages } = await read<Messages>(port, `/v1/threads/${threadId}/messages`)
    const said = messages
      .find(({ role }) => role === "user")
      ?.parts.map((part) => part.text ?? "")
      .join("")
    const now = { title: view.title, metadata: view.metadata["text"], message: said }
    for (const [where, found] of Object.entries(now)) {
      if (found !== text)
        changed.push(`The ${where} ${JSON.stringify(text)} is ${JSON.stringify(found)} now.`)
    }
  }
  return changed
}
