/** The first lines that somebody types: a thread, a turn, and what became of it. */
import { html, type Html } from "./Html.ts"
import { type OpenApiDocument } from "./OpenApiDocument.ts"
import { codeHtml } from "./operationHtml.ts"

export const beginHtml = ({ paths }: OpenApiDocument): Html => {
  const examples = paths["/v1/commands"]?.["post"]?.requestBody?.content["application/json"]?.examples ?? {}
  const send = (example: string, key: string) =>
    `curl -s {server}/v1/commands \\\n  -H 'Content-Type: application/json' -H 'Idempotency-Key: ${key}' \\\n  -d '${JSON.stringify(examples[example]?.value)}'`
  const lines = [
    send("thread.create", "c1"),
    send("thread.turn.start", "c2"),
    "curl -s {server}/v1/threads/t1/view",
    "curl -sN {server}/v1/threads/t1/events -H 'Accept: text/event-stream'"
  ]
  return html`<div class="begin">${codeHtml("To begin with", html`${lines.join("\n\n")}`)}</div>`
}
