/** Turns a recorded file into what a provider would send: an answer per model call, cut into events. */
import type { ProviderApi } from "./ProviderApi.ts"

/** What a provider answers to one model call. */
export interface RecordedCall {
  /** The file it was recorded in, as the index names it. */
  readonly file: string
  readonly status: number
  readonly contentType: string
  /** The body in the pieces in which a provider would write it: one an event. */
  readonly pieces: ReadonlyArray<Uint8Array>
}

const eventStream = "text/event-stream"
const encoder = new TextEncoder()

/**
 * The model calls that a file holds. The name decides where it says what the file is (`.responses`: a model call a line;
 * `.chunks.txt`: a chunk a line), the content everywhere else, since recordings of bodies go by many names. Bytes of a
 * recorded body are never changed; a line that is no JSON is sent as it is, for the reader to stumble over.
 */
export const recordedCalls = (
  file: string,
  api: ProviderApi,
  bytes: Uint8Array
): ReadonlyArray<RecordedCall> => {
  const text = new TextDecoder().decode(bytes)
  const name = file.endsWith(".gz") ? file.slice(0, -3) : file
  const fromChunks = (chunks: ReadonlyArray<string>): RecordedCall => ({
    file,
    status: 200,
    contentType: eventStream,
    pieces: frame(api, chunks)
  })
  if (name.endsWith(".responses")) {
    return lines(text).flatMap((line) => {
      const chunks = chunksOfCall(line)
      return chunks === undefined ? [] : [fromChunks(chunks)]
    })
  }
  if (name.endsWith(".chunks.txt")) return [fromChunks(lines(text))]

  const body = parsed(text)
  if (Array.isArray(body)) return [fromChunks(body.map((chunk) => JSON.stringify(chunk)))]
  if (isObject(body)) {
    return "error" in body
      ? [{ file, status: errorStatus(body), contentType: "application/json", pieces: [bytes] }]
      : [fromChunks([JSON.stringify(body)])]
  }
  const first = text.trimStart()[0]
  if (first === "{" || first === "[") return [fromChunks(lines(text))]
  return [{ file, status: 200, contentType: eventStream, pieces: eventsOf(bytes) }]
}

/** `undefined` for a call that no model answered, such as a count of tokens. */
const chunksOfCall = (line: string): ReadonlyArray<string> | undefined => {
  const call = parsed(line)
  if (!isObject(call) || !("response" in call)) return [line]
  const { method, response } = call
  if (typeof method === "string" && !method.startsWith("generateContent")) return undefined
  return (Array.isArray(response) ? response : [response]).map((chunk) => JSON.stringify(chunk))
}

const frame = (api: ProviderApi, chunks: ReadonlyArray<string>): ReadonlyArray<Uint8Array> => {
  const sent = api === "openai-chat" && chunks.at(-1) !== "[DONE]" ? [...chunks, "[DONE]"] : chunks
  return sent.map((chunk) => encoder.encode(`${eventName(api, chunk)}data: ${chunk}\n\n`))
}

const eventName = (api: ProviderApi, chunk: string): string => {
  if (api !== "openai-responses" && api !== "anthropic-messages") return ""
  const value = parsed(chunk)
  return isObject(value) && typeof value["type"] === "string" ? `event: ${value["type"]}\n` : ""
}

/** Cuts an event stream behind its blank lines, whichever line ends it uses. */
const eventsOf = (bytes: Uint8Array): ReadonlyArray<Uint8Array> => {
  const pieces: Array<Uint8Array> = []
  let from = 0
  // latin1 keeps one character a byte, so that what matches stands where the bytes stand.
  for (const blank of Buffer.from(bytes)
    .toString("latin1")
    .matchAll(/\r\n\r\n|\n\n|\r\r/g)) {
    const to = blank.index + blank[0].length
    pieces.push(bytes.subarray(from, to))
    from = to
  }
  if (from < bytes.length) pieces.push(bytes.subarray(from))
  return pieces
}

/** The status under which a body with an error would have come: the one it names, else 500. */
const errorStatus = (body: Record<string, unknown>): number => {
  const error = isObject(body["error"]) ? body["error"] : {}
  const named = [error["code"], error["status_code"], error["status"], body["status_code"], body["status"]]
  return named.map(Number).find((status) => Number.isInteger(status) && status >= 400 && status <= 599) ?? 500
}

const lines = (text: string): ReadonlyArray<string> =>
  text.split(/\r?\n/).filter((line) => line.trim() !== "")

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
