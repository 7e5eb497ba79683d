import { expect, layer } from "@effect/vitest"
import { Effect } from "effect"
import { createHash } from "node:crypto"
import { request } from "../../../testing/httpRequest.ts"
import { layerTestServer } from "../../../testing/TestServer.ts"
import { html, jsonHtml, prose } from "./Html.ts"

const sha256 = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

layer(layerTestServer(), { excludeTestServices: true })("/docs", (it) => {
  it.effect("loads nothing, and may run its own style and script alone", () =>
    Effect.gen(function* () {
      const { headers, status, text } = yield* request("/docs")
      expect({ status, type: headers["content-type"] }).toEqual({
        status: 200,
        type: "text/html; charset=utf-8"
      })
      const policy = headers["content-security-policy"]!
      expect(policy).toMatch(/^default-src 'none'; /)
      expect(policy).toContain("connect-src 'self'")
      expect(policy).not.toMatch(/unsafe|http|\*/)
      const elements = [...text.matchAll(/<(style|script)>(.*?)<\/\1>/gs)]
      expect(elements.map(([, name]) => name)).toEqual(["style", "script"])
      for (const [, name, content] of elements) expect(policy).toContain(`${name}-src ${sha256(content!)}`)
      // Neither attributes that would need to be let in by the policy, nor addresses elsewhere.
      expect(text).not.toMatch(/ style="| on\w+="|<link|<img|<iframe|src=|@import|url\(/)
      expect(text.match(/href="(?!#|(?:openapi|asyncapi)\.json")[^"]*"/g)).toBeNull()
    })
  )

  it.effect(
    "shows every endpoint, event, problem and value that the document tells of, and no dead link",
    () =>
      Effect.gen(function* () {
        const { text } = yield* request("/docs")
        const { components, paths } = (yield* request("/openapi.json")).json
        for (const item of Object.values<Record<string, { operationId: string; summary: string }>>(paths)) {
          for (const { operationId, summary } of Object.values(item)) {
            expect(text).toContain(`id="${operationId}"`)
            expect(text).toContain(html`${summary}`.text)
          }
        }
        for (const type of Object.keys(components.schemas.ClientEvent.discriminator.mapping)) {
          expect(text).toContain(`<code>${type}</code>`)
        }
        for (const code of components.schemas.Conflict.properties.code.enum) {
          expect(text).toContain(`<code>${code}</code>`)
        }
        const ids = new Set([...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
        const linked = new Set([...text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id))
        expect(linked.size).toBeGreaterThan(40)
        expect([...linked].filter((id) => !ids.has(id))).toEqual([])
      })
  )

  it.effect("escapes whatever stands in the document", () =>
    Effect.sync(() => {
      const evil = "<script>\"'&</script>"
      expect(html`<p title="${evil}">${evil}</p>`.text).toBe(
        '<p title="&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;">&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;</p>'
      )
      expect(prose(`a \`${evil}\` b`).text).not.toContain("<script>")
      expect(jsonHtml({ [evil]: [evil, 1, null] }).text).not.toContain("<script>")
    })
  )
})
