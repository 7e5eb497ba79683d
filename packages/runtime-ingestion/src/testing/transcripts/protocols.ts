/** The protocols of the transcripts: how each is translated, what is expected of it, and which puppet plays it. */
import { acp } from "./acp.ts"
import { aiSdk } from "./aiSdk.ts"
import { claudeCode } from "./claudeCode.ts"
import { codex } from "./codex.ts"
import { expectAcp } from "./expectAcp.ts"
import { expectAiSdk } from "./expectAiSdk.ts"
import { expectClaudeCode } from "./expectClaudeCode.ts"
import { expectCodex } from "./expectCodex.ts"
import type { Expect } from "./ExpectedTurn.ts"
import type { MakeTranslator } from "./Transcript.ts"

export interface Protocol {
  readonly translator: MakeTranslator
  readonly expect: Expect
  /** The name of the puppet: the AI SDK announces its steps, Codex can be steered. */
  readonly runtime: "puppet" | "silent-steps" | "steered"
}

export const protocols = {
  codex: { translator: codex, expect: expectCodex, runtime: "steered" },
  claudeCode: { translator: claudeCode, expect: expectClaudeCode, runtime: "silent-steps" },
  acp: { translator: acp, expect: expectAcp, runtime: "silent-steps" },
  aiSdk: { translator: aiSdk, expect: expectAiSdk, runtime: "puppet" }
} as const satisfies Record<string, Protocol>
