/** What is wrong with a value, as one short sentence that names the field: no schema, no stack, and nothing of the value. */
import { SchemaIssue } from "effect"

const formatIssue = SchemaIssue.makeFormatterStandardSchemaV1()

/** `whole` is what the value is called where no field of it is at fault. */
export const describeIssue = (issue: SchemaIssue.Issue, whole: string): string => {
  const first = formatIssue(issue).issues[0]
  if (first === undefined) return `${whole} does not have the shape that it must have.`
  const path = (first.path ?? []).map((key) => String(typeof key === "object" ? key.key : key)).join(".")
  const field = path === "" ? whole : `\`${path}\``
  if (first.message === "Missing key") return `${field} is missing.`
  if (first.message === "Expected no excess property")
    return `There is no ${field} here: leave it out, or mend its name.`
  const expected = /^Expected ([\s\S]*)$/.exec(first.message)?.[1]
  return expected === undefined ? `${field} is not right.` : `${field} must be ${readable(expected)}.`
}

/** The schema's way of naming a type, in words. */
const readable = (expected: string): string => {
  const named = expected
    .replace(/\{ readonly "(\w+)": ("[^"]*"), \.\.\. \}/g, "an object with `$1` $2")
    .replace(/\{ readonly "(\w+)"[^}]*\}/g, "an object with `$1`")
    .replace(
      /^(string|number|boolean|object|array)$/,
      (type) => `${/^[aeiou]/.test(type) ? "an" : "a"} ${type}`
    )
    .replaceAll(" | ", ", ")
  const last = named.lastIndexOf(", ")
  const sentence = last === -1 ? named : `${named.slice(0, last)} or ${named.slice(last + 2)}`
  return sentence.length > 300 ? `${sentence.slice(0, 300)}…` : sentence
}
