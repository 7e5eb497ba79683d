/**
 * What `docs/protocol.md` holds in tables and shapes, from the schemas: Markdown, block by block. Types are written the short way:
 * `id` is an Id, `?` behind a name that it may be absent, `[]` a list.
 */
import { ClientCommand } from "../commands/ClientCommand.ts"
import { ServerLimits } from "../Protocol.ts"
import { ThreadEvent } from "../ThreadEvent.ts"
import { CloseCode } from "../wire.ts"
import { closeCodes, errorCodes, rejections } from "./codes.ts"
import { components, descriptionOf, messageName } from "./components.ts"
import { clientFrames, serverFrames } from "./frames.ts"
import { code, codes, type SchemaJson, table, typeTexts } from "./markdown.ts"

const schemas = components() as Readonly<Record<string, SchemaJson>>
const { fieldText, fieldTexts, typeText } = typeTexts(schemas)

/** A shape as one would write it down, its fields' words behind them. */
const shape = (name: string): string => {
  const schema = schemas[name]!
  const is = descriptionOf(name)?.is
  const head = is === undefined ? "" : `// ${is}\n`
  if (schema.properties === undefined) {
    const members = (schema.anyOf ?? [schema]).map(typeText)
    return `${head}${name} = ${members.join("\n  | ")}`
  }
  const lines = Object.entries(schema.properties).flatMap(([field, value]) => {
    const text = `  ${fieldText(schema, field, value)}`
    if (value.description === undefined) return [text]
    const aside = `${text.padEnd(44)} // ${value.description}`
    return aside.length <= 120 ? [aside] : [`  // ${value.description}`, text]
  })
  return `${head}${name} {\n${lines.join("\n")}\n}`
}

const shapes = (names: ReadonlyArray<string>): string =>
  `\`\`\`text\n${names.map(shape).join("\n\n")}\n\`\`\``

const withoutType = new Set(["type"])
const ofCommand = new Set(["type", "commandId", "threadId"])

const frameTable = (frames: Readonly<Record<string, { readonly is: string }>>): string =>
  table(
    ["`type`", "fields", "what it is"],
    Object.entries(frames).map(([type, { is }]) => [
      code(type),
      codes(fieldTexts(schemas[messageName(type)]!, withoutType)),
      is
    ])
  )

/** The component that says it is of this type; of an event, the one that readers of a thread get. */
const nameOf = (type: string): string =>
  Object.keys(schemas).find(
    (name) => !name.startsWith("Logged") && schemas[name]!.properties?.["type"]?.enum?.[0] === type
  )!

const anyEvent = schemas["LoggedThreadCreatedEvent"]!

/** What goes without saying where one event is described. */
const envelope: Readonly<Record<string, string>> = {
  tenant: "Whose thread it is; `default` unless said.",
  threadId: "The thread that it happened to.",
  schemaVersion: "The shape of `data` when it was written; what is sent has today's.",
  type: "What happened: see the next table.",
  data: "What it carries.",
  position: "Only to readers of the whole log. Place in it; dense, from 1.",
  hash: "Only to readers of the whole log. sha256, hex: covers the thread's event before this one, and this one's stored bytes."
}

/** By the name that stands in the page. */
export const protocolBlocks = (): Readonly<Record<string, string>> => ({
  "client frames": frameTable(clientFrames),
  "server frames": frameTable(serverFrames),
  commands: table(
    ["`type`", "fields besides `commandId` and `threadId`", "what it asks for"],
    Object.keys(ClientCommand.cases).map((type) => {
      const name = nameOf(type)
      return [code(type), codes(fieldTexts(schemas[name]!, ofCommand)), descriptionOf(name)?.is ?? ""]
    })
  ),
  events: table(
    ["`type`", "`data`", "what happened"],
    Object.keys(ThreadEvent.cases).map((type) => {
      const name = nameOf(type)
      const data = schemas[name.replace(/Event$/, "Data")] ?? schemas[name]!.properties!["data"]!
      return [code(type), codes(fieldTexts(data)), descriptionOf(name)?.is ?? ""]
    })
  ),
  envelope: table(
    ["field", "what it is"],
    Object.entries(anyEvent.properties!).map(([field, value]) => [
      code(
        field === "type"
          ? "type: string"
          : field === "data"
            ? "data: object"
            : fieldText(anyEvent, field, value)
      ),
      envelope[field] ?? value.description ?? ""
    ])
  ),
  "command shapes": shapes(["RuntimeChoice", "RequestResponse", "IfBusy", "DeliveryMode"]),
  "view shapes": shapes([
    "ThreadView",
    "TurnView",
    "MessageView",
    "TextPart",
    "ToolCallPart",
    "StepView",
    "RequestView",
    "Question",
    "Failure",
    "Usage",
    "Activity",
    "ThreadSummary"
  ]),
  "live shapes": shapes(["LiveFrame"]),
  "error codes": table(
    ["`code`", "what happened", "what to do", "`retryable`", "carries", "closes with"],
    Object.entries(errorCodes).map(([name, { carries, closes, means, retryable, help }]) => [
      code(name),
      means,
      help,
      retryable ? "yes" : "no",
      codes(carries ?? []),
      closes === undefined ? "" : String(CloseCode[closes])
    ])
  ),
  "close codes": table(
    ["code", "what happened", "what to do"],
    Object.entries(CloseCode)
      .toSorted(([, a], [, b]) => a - b)
      .map(([name, number]) => {
        const { means, help } = closeCodes[name as keyof typeof CloseCode]
        return [String(number), means, help]
      })
  ),
  rejections: table(
    ["`_tag`", "what happened", "what to do"],
    Object.entries(rejections).flatMap(([tag, said]) =>
      said === null ? [] : [[code(tag), said.means, said.help]]
    )
  ),
  limits: table(
    ["in `welcome.limits`", "what it is", "usually"],
    Object.keys(ServerLimits.fields).map((field) => [
      code(field),
      descriptionOf("ServerLimits")?.has?.[field] ?? "",
      String(serverFrames.welcome.example.limits[field as keyof typeof ServerLimits.fields])
    ])
  )
})
