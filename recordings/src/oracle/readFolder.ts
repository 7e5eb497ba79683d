/**
 * The oracle's own reading of a folder of recordings. It shares nothing with the player on purpose: where the two read a
 * file differently, the comparison shows it.
 */
import { readFileSync } from "node:fs"
import { isAbsolute, join, normalize } from "node:path"
import { gunzipSync } from "node:zlib"

/** One model call's answer, as the provider sent it. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

export interface Conversation {
  readonly id: string
  readonly api: string
  readonly answers: ReadonlyArray<Answer>
}

const apis = new Set(["openai-chat", "openai-responses", "anthropic-messages", "google-genai"])

/** Every conversation of the folder whose API is one of the four, in the order of its index. */
export const readFolder = (folder: string): ReadonlyArray<Conversation> => {
  const groups = new Map<string, { api: string; files: Map<number, string> }>()
  for (const { file, api } of readIndex(folder)) {
    const [, stem = file, ending = ""] =
      /^(.*?)((?:\.chunks\.txt|\.[A-Za-z]+)?)$/s.exec(file.replace(/\.gz$/, "")) ?? []
    const numbered = /^(.*)\.(\d+)$/s.exec(stem)
    const id = `${api}:${numbered === null ? stem : `${numbered[1]}.*`}${ending}`
    const number = Number(numbered?.[2] ?? 0)
    const group = groups.get(id) ?? { api, files: new Map<number, string>() }
    groups.set(id, group)
    if (!group.files.has(number)) group.files.set(number, file)
  }
  return [...groups].flatMap(([id, { api, files }]) => {
    const inOrder = [...files].sort(([a], [b]) => a - b).map(([, file]) => file)
    const answers = inOrder.flatMap((file) => {
      const bytes = readBytes(folder, file)
      return bytes === undefined ? [] : answersOf(file, api, bytes)
    })
    return answers.length === 0 ? [] : [{ id, api, answers }]
  })
}

const readIndex = (folder: string): ReadonlyArray<{ file: string; api: string }> => {
  const lines = readFileSync(join(folder, "index.tsv"), "utf8")
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
  const header = (lines[0] ?? "").split("\t").map((cell) => cell.trim().toLowerCase())
  const named = header.includes("file") && header.includes("api")
  const fileColumn = named ? header.indexOf("file") : 0
  const apiColumn = named ? header.indexOf("api") : 2
  return lines.slice(named ? 1 : 0).flatMap((line) => {
    const cells = line.split("\t")
    const file = (cells[fileColumn] ?? "").trim()
    const api = (cells[apiColumn] ?? "").trim().toLowerCase()
    return file !== "" && apis.has(api) ? [{ file, api }] : []
  })
}

const readBytes = (folder: string, file: string): Buffer | undefined => {
  const path = normalize(file)
  if (isAbsolute(path) || path.startsWith("..")) return undefined
  for (const candidate of [path, path.endsWith(".gz") ? path.slice(0, -3) : `${path}.gz`]) {
    let bytes: Buffer
    try {
      bytes = readFileSync(join(folder, candidate))
    } catch {
      continue
    }
    try {
      return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes
    } catch {
      return undefined
    }
  }
  return undefined
}

const answersOf = (file: string, api: string, bytes: Buffer): ReadonlyArray<Answer> => {
  const text = bytes.toString("utf8").replace(/^\uFEFF/, "")
  const name = file.replace(/\.gz$/, "")
  if (name.endsWith(".responses")) {
    return nonBlankLines(text).flatMap((line) => {
      const call = parse(line)
      if (!isRecord(call) || !("response" in call)) return [stream(api, [line])]
      if (typeof call["method"] === "string" && !call["method"].startsWith("generateContent")) return []
      const chunks = Array.isArray(call["response"]) ? call["response"] : [call["response"]]
      return [
        stream(
          api,
          chunks.map((chunk) => JSON.stringify(chunk))
        )
      ]
    })
  }
  if (!name.endsWith(".chunks.txt")) {
    const whole = parse(text)
    if (isRecord(whole) && "error" in whole) {
      return [{ status: statusOf(whole), contentType: "application/json", body: bytes }]
    }
    if (Array.isArray(whole))
      return [
        stream(
          api,
          whole.map((chunk) => JSON.stringify(chunk))
        )
      ]
    if (!/^\s*[{[]/.test(text)) return [{ status: 200, contentType: "text/event-stream", body: bytes }]
    if (isRecord(whole)) return [stream(api, [JSON.stringify(whole)])]
  }
  return [stream(api, nonBlankLines(text))]
}

const stream = (api: string, chunks: ReadonlyArray<string>): Answer => {
  const named = api === "openai-responses" || api === "anthropic-messages"
  const events = chunks.map((chunk) => {
    const value = named ? parse(chunk) : undefined
    const type = isRecord(value) && typeof value["type"] === "string" ? `event: ${value["type"]}\n` : ""
    return `${type}data: ${chunk}\n\n`
  })
  if (api === "openai-chat" && chunks.at(-1) !== "[DONE]") events.push("data: [DONE]\n\n")
  return { status: 200, contentType: "text/event-stream", body: Buffer.from(events.join("")) }
}

const statusOf = (body: Record<string, unknown>): number => {
  const error = isRecord(body["error"]) ? body["error"] : {}
  const candidates = [
    error["code"],
    error["status_code"],
    error["status"],
    body["status_code"],
    body["status"]
  ]
  return candidates.map(Number).find((code) => Number.isInteger(code) && code >= 400 && code < 600) ?? 500
}

const nonBlankLines = (text: string): ReadonlyArray<string> =>
  text
    .split("\n")
    .map((line) => line.replace(/\r$/, ""))
    .filter((line) => line.trim() !== "")

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)
