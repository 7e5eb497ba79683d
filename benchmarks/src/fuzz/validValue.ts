/** A value that a schema takes, in the form in which it goes over the wire: the schema's AST is walked, whatever it describes. */
import { type Schema, SchemaAST } from "effect"
import type { Random } from "./Random.ts"
import { nastyTexts } from "./nasty.ts"

/** Draws a text for a field of this name; `undefined`: any will do. */
export type TextFor = (field: string, random: Random) => string | undefined

/** How deep free JSON, and what contains itself, is built. */
const DEPTH = 4

export const validValue = (schema: Schema.Top, random: Random, textFor: TextFor): unknown =>
  valueOf(SchemaAST.toEncoded(schema.ast), { random, textFor, field: "", depth: 0 })

interface Place {
  readonly random: Random
  readonly textFor: TextFor
  readonly field: string
  readonly depth: number
}

const valueOf = (ast: SchemaAST.AST, place: Place): unknown => {
  const { random } = place
  const deeper = (ast: SchemaAST.AST, field = place.field) =>
    valueOf(ast, { ...place, field, depth: place.depth + 1 })
  switch (ast._tag) {
    case "Literal":
      return ast.literal
    case "Null":
      return null
    case "Boolean":
      return random.chance(0.5)
    case "String":
      return textOf(ast, place)
    case "Number":
      return numberOf(ast, place)
    case "Union": {
      const simple = ast.types.filter(
        ({ _tag }) => _tag !== "Suspend" && _tag !== "Arrays" && _tag !== "Objects"
      )
      const types = place.depth > DEPTH && simple.length > 0 ? simple : ast.types
      return deeper(random.pick(types))
    }
    case "Suspend":
      return valueOf(ast.thunk(), { ...place, depth: place.depth + 1 })
    case "Arrays": {
      const [rest] = ast.rest
      const more = rest === undefined || place.depth > DEPTH ? 0 : random.below(4)
      return [
        ...ast.elements.map((element) => deeper(element)),
        ...Array.from({ length: more }, () => deeper(rest!))
      ]
    }
    case "Objects":
      return objectOf(ast, place, deeper)
    case "Unknown":
    case "Any":
    case "Declaration":
      return freeJson(random)
    default:
      throw new Error(`No value is known for ${ast._tag} (at ${place.field}).`)
  }
}

/** Where anything may stand. */
const freeJson = (random: Random): unknown =>
  random.pick<() => unknown>([
    () => null,
    () => random.below(1_000),
    () => true,
    () => random.pick(nastyTexts),
    () => [random.pick(nastyTexts), { a: [1, null] }],
    () => ({ a: { b: random.pick(nastyTexts) } })
  ])()

const objectOf = (
  ast: SchemaAST.Objects,
  { depth, random }: Place,
  deeper: (ast: SchemaAST.AST, field?: string) => unknown
): Record<string, unknown> => {
  const value: Record<string, unknown> = {}
  for (const { name, type } of ast.propertySignatures) {
    if (SchemaAST.isOptional(type) && random.chance(0.5)) continue
    value[String(name)] = deeper(type, String(name))
  }
  for (const { type } of ast.indexSignatures) {
    const count = depth > DEPTH ? 0 : random.below(4)
    for (let i = 0; i < count; i++)
      value[random.pick(["a", "b", "key", "0", "[]", "ключ", ""])] = deeper(type)
  }
  return value
}

/** A pool that has something for every rule that the contracts put on a text; one without is found at the first draw. */
const TEXTS = [
  "a",
  "id-1",
  "tail",
  "1",
  "7",
  "42",
  "200",
  "turn#0",
  "true",
  "false",
  "claude",
  "Plain words, as people write them.",
  "2026-11-20T12:34:56.789Z"
]

const textOf = (ast: SchemaAST.AST, { field, random, textFor }: Place): string => {
  for (let tries = 0; tries < 200; tries++) {
    const text =
      (tries < 20 ? textFor(field, random) : undefined) ??
      random.pick(random.chance(0.3) ? nastyTexts : TEXTS)
    if (passes(ast, text)) return text
  }
  throw new Error(`No text that may stand in \`${field}\` is in the pool.`)
}

const NUMBERS = [0, 1, 2, 7, 42, 500, 1_000_000, -1, -7, 0.5, 1e15]

const numberOf = (ast: SchemaAST.AST, { field, random }: Place): number => {
  for (let tries = 0; tries < 200; tries++) {
    const number = random.pick(NUMBERS)
    if (passes(ast, number)) return number
  }
  throw new Error(`No number that may stand in \`${field}\` is in the pool.`)
}

const passes = (ast: SchemaAST.AST, value: unknown): boolean =>
  (ast.checks ?? []).every((check) => passesCheck(check, ast, value))

const passesCheck = (check: SchemaAST.Check<unknown>, ast: SchemaAST.AST, value: unknown): boolean =>
  check._tag === "Filter"
    ? check.run(value, ast, {}) === undefined
    : check.checks.every((one) => passesCheck(one, ast, value))
