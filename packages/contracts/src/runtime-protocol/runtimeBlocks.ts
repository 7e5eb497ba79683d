/** What `docs/runtime-protocol.md` holds in tables, from the schemas: Markdown, block by block. */
import { JsonSchema, Schema } from "effect"
import { code, codes, type SchemaJson, table, typeTexts } from "../async-api/markdown.ts"
import { componentNames } from "../http-api/componentNames.ts"
import {
  HostFrame,
  RuntimeErrorCode,
  RuntimeLimits,
  RuntimeOffer,
  RuntimeServerFrame
} from "./RuntimeProtocol.ts"
import { RuntimeReport } from "./RuntimeReport.ts"
import { HistoryMessage, TurnToRun } from "./TurnToRun.ts"
import { RuntimeCloseCode } from "./wire.ts"
import { errorWords, hostFrameWords, limitWords, offerWords, reportWords, serverFrameWords } from "./words.ts"

/** Every schema that has a table, by a name that no other has. */
const named = new Map<string, Schema.Constraint>([
  ...HostFrame.members.map((member) => [`host ${member.fields.type.literal}`, member] as const),
  ...RuntimeServerFrame.members.map((member) => [`server ${member.fields.type.literal}`, member] as const),
  ...RuntimeReport.members.map((member) => [`report ${member.fields.type.literal}`, member] as const),
  ["RuntimeOffer", RuntimeOffer],
  ["RuntimeLimits", RuntimeLimits],
  ["RuntimeReport", RuntimeReport],
  ["RuntimeErrorCode", RuntimeErrorCode],
  ["HistoryMessage", HistoryMessage],
  ["TurnToRun", TurnToRun]
])

const schemas = (() => {
  const names = new Map(componentNames())
  for (const [name, { ast }] of named) if (!name.includes(" ")) names.set(ast, name)
  const found: Record<string, SchemaJson> = {}
  for (const [name, member] of named) {
    const { definitions, schema } = JsonSchema.toDocumentDraft07(
      Schema.toJsonSchemaDocument(member, {
        referencePolicy: ({ ast, identifier }) => names.get(ast) ?? identifier?.replace(/Encoded$/, "")
      })
    )
    Object.assign(found, definitions)
    if (!("$ref" in schema)) found[name] = schema
  }
  return found
})()

const { fieldTexts, typeText } = typeTexts(schemas)
const withoutType = new Set(["type"])
const ofReport = new Set(["type", "sourceSequence"])

const rows = (
  kind: string,
  words: Readonly<Record<string, string>>,
  without: ReadonlySet<string>
): ReadonlyArray<ReadonlyArray<string>> =>
  Object.entries(words).map(([type, is]) => [
    code(type),
    codes(fieldTexts(schemas[`${kind} ${type}`]!, without)),
    is
  ])

const frameHead = ["`type`", "fields", "what it is"]

const fieldRows = (name: string, words: Readonly<Record<string, string>>) =>
  Object.entries(words).map(([field, is]) => [
    codes(fieldTexts(schemas[name]!).filter((text) => text.replace(/\??:.*/s, "") === field)),
    is
  ])

/** By the name that stands in the page. */
export const runtimeBlocks = (): Readonly<Record<string, string>> => ({
  "host frames": table(frameHead, rows("host", hostFrameWords, withoutType)),
  "server frames": table(frameHead, rows("server", serverFrameWords, withoutType)),
  reports: table(
    ["`type`", "fields besides `sourceSequence`", "what it is"],
    rows("report", reportWords, ofReport)
  ),
  offers: table(["field", "what it is"], fieldRows("RuntimeOffer", offerWords)),
  limits: table(["in `welcome.limits`", "what it is"], fieldRows("RuntimeLimits", limitWords)),
  "turn fields": `\`\`\`text\nTurnToRun {\n${fieldTexts(schemas["TurnToRun"]!)
    .map((field) => `  ${field}`)
    .join(
      "\n"
    )}\n}\n\nHistoryMessage = ${(schemas["HistoryMessage"]!.anyOf ?? []).map(typeText).join("\n  | ")}\n\`\`\``,
  "error codes": table(
    ["`code`", "what happened", "what to do", "`retryable`", "closes with"],
    Object.entries(errorWords).map(([name, { closes, help, means, retryable }]) => [
      code(name),
      means,
      help,
      retryable ? "yes" : "no",
      closes === null ? "" : String(RuntimeCloseCode[closes])
    ])
  )
})
