/** The recorded transcripts, where they are: beside the repository, and never in it. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename } from "node:path"
import { fileURLToPath } from "node:url"
import { gunzipSync } from "node:zlib"
import { type Protocol, protocols } from "./protocols.ts"
import type { Recording } from "./Recording.ts"
import { readTranscript } from "./Transcript.ts"

const root = fileURLToPath(new URL("../../../../../../shared/recordings/live/", import.meta.url))

const folders: Record<string, Protocol> = {
  "codex-live": protocols.codex,
  "claude-code-live": protocols.claudeCode,
  "claude-agent-acp-live": protocols.acp,
  "gemini-live": protocols.acp,
  "opencode-acp-live": protocols.acp,
  "ai-sdk-live": protocols.aiSdk
}

const read = (path: string): string => {
  const bytes = readFileSync(path)
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8")
}

/** All recorded transcripts of agents; none where they are missing. */
export const sharedRecordings: ReadonlyArray<Recording> = Object.entries(folders).flatMap(
  ([folder, protocol]) =>
    existsSync(root + folder)
      ? readdirSync(root + folder)
          .sort()
          .map((file) => ({
            name: `${folder}/${basename(file).replace(/\.jsonl(\.gz)?$/, "")}`,
            protocol,
            lines: readTranscript(read(`${root}${folder}/${file}`))
          }))
      : []
)

/** The recorded transcripts of these names, as far as they are here. */
export const shared = (...names: ReadonlyArray<string>): ReadonlyArray<Recording> =>
  sharedRecordings.filter((recording) => names.includes(recording.name))
