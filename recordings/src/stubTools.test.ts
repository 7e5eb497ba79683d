import { assert, describe, it } from "@effect/vitest"
import { stubToolNames } from "./stubTools.ts"

const names = (...texts: ReadonlyArray<string>) => stubToolNames(texts.map((text) => Buffer.from(text)))

describe("The tools to declare while a conversation is played", () => {
  it("are what its answers name, and what providers have of their own", () => {
    const found = names(
      'data: {"name" : "get_weather"}\r\n',
      '{"name":"a \\"b\\" \\u00fc"} {"name":""} {"name":"bro'
    )
    assert.includeMembers([...found], ["get_weather", 'a "b" ü', "web_search", "code_execution"])
    assert.notInclude(found, "")
    assert.notInclude(found, "bro")
  })

  it("are the recipients within OpenAI's wrapper instead of the wrapper", () => {
    const wrapped =
      '"name":"parallel","arguments":"{\\"tool_uses\\":[{\\"recipient_name\\":\\"functions.weather\\"}]}"'
    assert.include(names(wrapped), "weather")
    assert.notInclude(names(wrapped), "parallel")
    assert.include(names('"name":"parallel"'), "parallel")
  })
})
