/**
 * The index of a folder of recordings. Every row whose API is played ends up in a conversation or in `skipped`, with the
 * reason: nothing is left out in silence.
 */
import { Effect, Schema } from "effect"
import { readFile } from "node:fs/promises"
import { isAbsolute, join, normalize } from "node:path"
import { gunzipSync } from "node:zlib"
import { isProviderApi } from "./ProviderApi.ts"
import type { ProviderApi } from "./ProviderApi.ts"
import { recordedCalls } from "./recordedCall.ts"
import type { RecordedCall } from "./recordedCall.ts"

/** Model calls that were recorded one after the other: the files `name.1.sse`, `name.2.sse`, …, or one file. */
export interface Conversation {
  /** The API and the name, with `*` where the files' numbers stand. The oracle uses the same ids. */
  readonly id: string
  readonly api: ProviderApi
  readonly calls: ReadonlyArray<RecordedCall>
}

export interface Skipped {
  readonly file: string
  readonly reason: string
  /** Nothing is lost by it: there is nothing to play in the file, or it is played already. */
  readonly isExplained: boolean
}

export interface RecordingIndex {
  /** Rows of the index whose API is played. */
  readonly files: number
  readonly conversations: ReadonlyArray<Conversation>
  readonly skipped: ReadonlyArray<Skipped>
}

export class RecordingIndexUnreadable extends Schema.TaggedError<RecordingIndexUnreadable>()(
  "RecordingIndexUnreadable",
  { folder: Schema.String, message: Schema.String }
) {}

/** Reads a folder's `index.tsv` and every file in it whose API is played, gunzipped where it is gzipped. */
export const readRecordingIndex = Effect.fn("readRecordingIndex")(function* (folder: string) {
  const table = yield* Effect.tryPromise({
    try: () => readFile(join(folder, "index.tsv"), "utf8"),
    catch: () =>
      new RecordingIndexUnreadable({
        folder,
        message: `There is no readable index.tsv in ${folder}. Name a folder of recordings that has one.`
      })
  })
  const rows = playedRows(table)
  const skipped: Array<Skipped> = []
  const conversations: Array<Conversation> = []
  for (const [id, group] of Map.groupBy(rows, conversationId)) {
    const calls: Array<RecordedCall> = []
    const numbers = new Set<number>()
    for (const { file, api } of group.toSorted((a, b) => numberOf(a.file) - numberOf(b.file))) {
      const skip = (reason: string, isExplained: boolean) => skipped.push({ file, reason, isExplained })
      if (numbers.has(numberOf(file))) {
        skip("The index names this recording twice.", true)
        continue
      }
      numbers.add(numberOf(file))
      const bytes = yield* Effect.promise(() => readRecording(folder, file))
      if (typeof bytes === "string") {
        skip(bytes, false)
        continue
      }
      const found = recordedCalls(file, api, bytes)
      if (found.length === 0) skip("No model call is recorded in this file.", true)
      calls.push(...found)
    }
    const [first] = group
    if (first !== undefined && calls.length > 0) conversations.push({ id, api: first.api, calls })
  }
  return { files: rows.length, conversations, skipped } satisfies RecordingIndex
})

interface Row {
  readonly file: string
  readonly api: ProviderApi
}

/** Columns go by the names in the first line. A table without them has file, provider and api in this order. */
const playedRows = (table: string): ReadonlyArray<Row> => {
  const cells = table
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "")
    .map((line) => line.split("\t").map((cell) => cell.trim()))
  const names = (cells[0] ?? []).map((name) => name.toLowerCase())
  const named = names.includes("file") && names.includes("api")
  const fileAt = named ? names.indexOf("file") : 0
  const apiAt = named ? names.indexOf("api") : 2
  return cells.slice(named ? 1 : 0).flatMap((row) => {
    const file = row[fileAt] ?? ""
    const api = (row[apiAt] ?? "").toLowerCase()
    return file !== "" && isProviderApi(api) ? [{ file, api }] : []
  })
}

/** `dir/name.12.chunks.txt.gz` → `dir/name`, `12`, `.chunks.txt`; the number is there or not. */
const nameParts = (file: string) => {
  const [, stem = "", ending = ""] = /^(.*?)((?:\.chunks\.txt|\.[A-Za-z]+)?)(?:\.gz)?$/s.exec(file) ?? []
  const [, base = stem, number] = /^(.*)\.(\d+)$/s.exec(stem) ?? []
  return { base, number, ending }
}

const numberOf = (file: string): number => Number(nameParts(file).number ?? 0)

const conversationId = ({ api, file }: Row): string => {
  const { base, number, ending } = nameParts(file)
  return `${api}:${base}${number === undefined ? "" : ".*"}${ending}`
}

/** The bytes of a recording, or why there are none. A file may lie there gzipped while the index names it plain, or plain. */
const readRecording = async (folder: string, file: string): Promise<Uint8Array | string> => {
  const path = normalize(file)
  if (isAbsolute(path) || path.startsWith("..")) return "The index names a file outside of its folder."
  const other = path.endsWith(".gz") ? path.slice(0, -3) : `${path}.gz`
  for (const candidate of [path, other]) {
    const bytes = await readFile(join(folder, candidate)).catch(() => undefined)
    if (bytes === undefined) continue
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes
    try {
      return gunzipSync(bytes)
    } catch {
      return "The file is gzipped, and damaged."
    }
  }
  return "The index names a file that is not there or cannot be read."
}
