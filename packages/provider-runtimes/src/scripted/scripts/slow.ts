import type { Script } from "../Script.ts"
import { streamedText } from "./stream.ts"

export const slow: Script = {
  name: "slow",
  about: "Ten seconds of text, four deltas a second; `deltas` and `intervalMs` set another duration.",
  pace: { deltaSize: 16, intervalMs: 250 },
  steps: [
    {
      beats: [
        { type: "text", text: ({ options }) => streamedText({ deltas: 40, deltaSize: 16, ...options }) }
      ]
    }
  ]
}
