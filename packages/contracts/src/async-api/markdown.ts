/** Types and tables in Markdown, from JSON Schema: `id` is an Id, `?` behind a name that it may be absent, `[]` a list. */
import { CLIENT_ID_LIMIT } from "../Ids.ts"

export interface SchemaJson {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<SchemaJson>
  readonly allOf?: ReadonlyArray<SchemaJson>
  readonly items?: SchemaJson
  readonly properties?: Readonly<Record<string, SchemaJson>>
  readonly additionalProperties?: SchemaJson
  readonly required?: ReadonlyArray<string>
  readonly maxLength?: number
  readonly description?: string
}

/** Names that are longer than what they stand for. */
const inlined = new Set([
  "Metadata",
  "StepId",
  "TextKind",
  "MessageRole",
  "MessageClosing",
  "ToolCallClosing"
])

/** @param schemas what references name. */
export const typeTexts = (schemas: Readonly<Record<string, SchemaJson>>) => {
  const typeText = (schema: SchemaJson): string => {
    if (schema.$ref !== undefined) {
      const name = schema.$ref.split("/").at(-1)!
      if (name === "Id" || name === "StepId") return "id"
      const target = schemas[name]!
      return inlined.has(name) || (target.enum !== undefined && target.enum.length < 6)
        ? typeText(target)
        : name
    }
    if (schema.allOf?.length === 1) return typeText(schema.allOf[0]!)
    if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(" | ")
    if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ")
    switch (schema.type) {
      case "integer":
        return "int"
      case "string":
        return schema.maxLength === CLIENT_ID_LIMIT ? "id" : "string"
      case "array": {
        const item = typeText(schema.items ?? {})
        return item.includes(" | ") ? `(${item})[]` : `${item}[]`
      }
      case "object":
        if (schema.properties !== undefined) return `{ ${fieldTexts(schema).join(", ")} }`
        return schema.additionalProperties?.type === "string" ? "{ [key]: string }" : "object"
      case undefined:
        return "any JSON"
      default:
        return schema.type
    }
  }

  const fieldText = (schema: SchemaJson, name: string, field: SchemaJson): string =>
    `${name}${schema.required?.includes(name) === true ? "" : "?"}: ${typeText(field)}`

  const fieldTexts = (schema: SchemaJson, without: ReadonlySet<string> = new Set()): ReadonlyArray<string> =>
    Object.entries(schema.properties ?? {})
      .filter(([name]) => !without.has(name))
      .map(([name, field]) => fieldText(schema, name, field))

  return { typeText, fieldText, fieldTexts }
}

export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows]
    .map((row) => `| ${row.map((cell) => cell.replaceAll(" | ", " \\| ")).join(" | ")} |`)
    .join("\n")

export const code = (text: string): string => (text === "" ? "" : `\`${text}\``)

export const codes = (texts: ReadonlyArray<string>): string => texts.map(code).join(", ")
