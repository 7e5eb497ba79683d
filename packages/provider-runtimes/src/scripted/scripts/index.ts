/** The scripts that ship, by the order in which they are listed to whoever asks for an unknown one. The first is the default. */
import type { Script } from "../Script.ts"
import { approval } from "./approval.ts"
import { error } from "./error.ts"
import { hello } from "./hello.ts"
import { long } from "./long.ts"
import { question } from "./question.ts"
import { reasoning } from "./reasoning.ts"
import { retry } from "./retry.ts"
import { slow } from "./slow.ts"
import { stream } from "./stream.ts"
import { text } from "./text.ts"
import { tools } from "./tools.ts"

export const scripts: ReadonlyArray<Script> = [
  hello,
  text,
  reasoning,
  tools,
  approval,
  question,
  error,
  retry,
  long,
  slow,
  stream
]
