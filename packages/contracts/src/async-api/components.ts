/** The JSON Schemas of all frames and of what they hold, by name, as AsyncAPI wants them: draft 7, with words. */
import { JsonSchema, Schema, type SchemaAST } from "effect"
import { componentDescriptions } from "../http-api/componentDescriptions.ts"
import { componentNames } from "../http-api/componentNames.ts"
import * as Protocol from "../Protocol.ts"
import { clientFrames, serverFrames } from "./frames.ts"

export type Json = Record<string, unknown>

interface Description {
  readonly is: string
  readonly has?: Readonly<Record<string, string>>
}

/** `caught-up` is `CaughtUpMessage`. */
export const messageName = (type: string): string =>
  `${type
    .split("-")
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join("")}Message`

const frames = [
  // `ping` and `pong` go both ways, and are one schema each.
  ...Protocol.ClientFrame.members.filter(({ fields }) => !isBothWays(fields.type.literal)),
  ...Protocol.ServerFrame.members
]

function isBothWays(type: string): boolean {
  return type === "ping" || type === "pong"
}

const namesOfAll = (): ReadonlyMap<SchemaAST.AST, string> => {
  const names = new Map(componentNames())
  for (const frame of frames) names.set(frame.ast, messageName(frame.fields.type.literal))
  return names
}

/** What OpenAPI has no use for, or says otherwise. */
const descriptions: Readonly<Record<string, Description>> = {
  ...Object.fromEntries(
    Object.entries({ ...clientFrames, ...serverFrames }).map(([type, { is }]) => [messageName(type), { is }])
  ),
  ClientCommand: { is: "What a client may ask for, told apart by `type`." },
  Subscription: {
    is: "What is followed, and from where.",
    has: { live: "Absent: live frames are wanted." }
  },
  Receipt: { is: "The answer to a command, told apart by `status`." },
  ErrorCode: { is: "What a program switches on." },
  LiveFrame: {
    is: "A piece of text on its way to the log.",
    has: {
      kind: "`tool-input` is the JSON of a call whose input is not complete; `tool-output` what a running tool prints.",
      offset: "Where `text` begins in the part, in UTF-16 code units.",
      afterVersion: "The thread's version that must have been seen before this makes sense.",
      name: "Of a `tool-input`: the tool's name."
    }
  }
}

const commandId = "Makes it safe to send again: the same command has one effect."

export const descriptionOf = (name: string): Description | undefined => {
  const said = descriptions[name] ?? componentDescriptions[name]
  return said?.has?.["commandId"]?.includes("Idempotency-Key") === true
    ? { ...said, has: { ...said.has, commandId } }
    : said
}

/** By name, in alphabetical order. The same each time. */
export const components = (): Readonly<Record<string, Json>> => {
  const names = namesOfAll()
  const { definitions } = JsonSchema.toDocumentDraft07(
    Schema.toJsonSchemaDocument(Schema.Union(frames), {
      referencePolicy: ({ ast, identifier }) => names.get(ast) ?? identifier?.replace(/Encoded$/, "")
    })
  )
  return Object.fromEntries(
    Object.entries(definitions)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => [name, described(tidy(schema) as Json, descriptionOf(name))])
  )
}

const described = (schema: Json, said: Description | undefined): Json => {
  if (said === undefined) return schema
  const properties = schema["properties"] as Record<string, Json> | undefined
  return {
    description: said.is,
    ...schema,
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, property]) => {
          const description = said.has?.[key]
          if (description === undefined) return [key, property]
          // Beside a reference draft 7 reads nothing.
          return [key, "$ref" in property ? { allOf: [property], description } : { ...property, description }]
        })
      )
    })
  }
}

/** Leaves out what says nothing, and points where AsyncAPI keeps its schemas. Readers pass over fields that they do not know. */
const tidy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tidy)
  if (value === null || typeof value !== "object") return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(
        ([key, bound]) =>
          !(key === "additionalProperties" && typeof bound === "boolean") &&
          !(key === "minimum" && bound === Number.MIN_SAFE_INTEGER) &&
          !(key === "maximum" && bound === Number.MAX_SAFE_INTEGER)
      )
      .map(([key, item]) => [
        key,
        key === "$ref" && typeof item === "string"
          ? item.replace("#/definitions/", "#/components/schemas/")
          : tidy(item)
      ])
  )
}
