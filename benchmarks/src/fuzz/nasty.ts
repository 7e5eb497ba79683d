/** Values and texts that have broken something somewhere. */
import { COMMAND_TEXT_LIMIT, JSON_DEPTH_LIMIT } from "@spillway/contracts"
import { Raw } from "./jsonText.ts"

/** Text that looks like JSON, and must stay the text that it is. */
export const jsonTexts: ReadonlyArray<string> = [
  "[]",
  "{}",
  "null",
  "true",
  "0",
  "-0",
  "1e400",
  "NaN",
  '""',
  '"quoted"',
  '{"a":1}',
  '{"type":"thread.delete"}',
  "[1,2",
  '{"a":',
  "\\u0000",
  '\\"'
]

export const nastyTexts: ReadonlyArray<string> = [
  ...jsonTexts,
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "x\udc00y",
  "\udc00\ud800",
  "😀",
  "e\u0301",
  "\u2028\u2029",
  "\ufeff",
  "\ufffd",
  "\u202eright to left",
  "\r\n\t\v\b\f",
  "\u001b[31m",
  "__proto__",
  "constructor",
  "toString",
  "../../etc/passwd",
  "%00%ff%zz",
  "'; drop table spillway.event; --",
  "${jndi:ldap://x}",
  "<script>alert(1)</script>",
  "x".repeat(1_000),
  "語".repeat(5_000)
]

/** At the limits of a command's text, and past them. */
export const longTexts: ReadonlyArray<() => string> = [
  () => "x".repeat(COMMAND_TEXT_LIMIT),
  () => "x".repeat(COMMAND_TEXT_LIMIT + 1),
  () => "\0".repeat(COMMAND_TEXT_LIMIT),
  () => "\ud800".repeat(COMMAND_TEXT_LIMIT),
  () => "語".repeat(COMMAND_TEXT_LIMIT),
  () => "x".repeat(500_000)
]

const nested = (open: string, close: string, depth: number) =>
  new Raw(`${open.repeat(depth)}${close === "}" ? "1" : ""}${close.repeat(depth)}`)

export const nastyValues: ReadonlyArray<() => unknown> = [
  () => null,
  () => true,
  () => false,
  () => 0,
  () => -1,
  () => 1.5,
  () => Number.MAX_SAFE_INTEGER,
  () => 2 ** 53,
  () => new Raw("1e400"),
  () => new Raw("-1e400"),
  () => new Raw("-0"),
  () => new Raw("1e-400"),
  () => new Raw(`1${"0".repeat(400)}`),
  () => new Raw("NaN"),
  () => new Raw("undefined"),
  () => new Raw("01"),
  () => new Raw('"\\ud800"'),
  () => new Raw('"\\x41"'),
  () => [],
  () => ({}),
  () => [null],
  () => ({ length: 3 }),
  () => new Raw('{"__proto__":{"polluted":true}}'),
  () => new Raw('{"constructor":{"prototype":{"polluted":true}}}'),
  () => new Raw('{"toJSON":1,"then":2,"valueOf":3}'),
  () => Array.from({ length: 2_000 }, (_, i) => i),
  () => Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])),
  () => nested("[", "]", JSON_DEPTH_LIMIT),
  () => nested("[", "]", JSON_DEPTH_LIMIT + 1),
  () => nested("[", "]", 20_000),
  () => nested('{"a":', "}", 20_000)
]

export const nastyKeys: ReadonlyArray<string> = [
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "then",
  "toJSON",
  "",
  "\0",
  "\ud800",
  "type",
  "_tag",
  "text",
  "tenant",
  "actor",
  "0",
  "x".repeat(5_000)
]
