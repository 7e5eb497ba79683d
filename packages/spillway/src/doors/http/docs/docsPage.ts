/**
 * The OpenAPI document as a page for people, made from the document and nothing else. It loads nothing: its style and its script stand in
 * it, and its policy lets the browser run these two and talk to this server only.
 */
import { firstLines } from "@spillway/contracts/http-api"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { createHash } from "node:crypto"
import { eventsHtml, isEventPart } from "./eventsHtml.ts"
import { Html, html, paragraphs } from "./Html.ts"
import { type Endpoint, endpointsOf, type OpenApiDocument } from "./OpenApiDocument.ts"
import { codeHtml, methodHtml, operationHtml } from "./operationHtml.ts"
import { isProblem, problemsHtml } from "./problemsHtml.ts"
import { componentHtml, fieldsHtml } from "./schemaHtml.ts"
import { script } from "./script.ts"
import { style } from "./style.ts"

// As they are, without the line breaks of a formatter: the policy knows them by their hashes.
const styleElement = new Html(`<style>${style}</style>`)
const scriptElement = new Html(`<script>${script}</script>`)

const sha256 = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

const policy = [
  "default-src 'none'",
  `style-src ${sha256(style)}`,
  `script-src ${sha256(script)}`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'"
].join("; ")

export const docsPage = (document: OpenApiDocument): HttpServerResponse.HttpServerResponse =>
  HttpServerResponse.text(pageOf(document).text, { contentType: "text/html; charset=utf-8" }).pipe(
    HttpServerResponse.setHeaders({
      "content-security-policy": policy,
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache"
    })
  )

const pageOf = (document: OpenApiDocument): Html => {
  const { info, tags } = document
  const endpoints = endpointsOf(document)
  const of = (tag: string) => endpoints.filter(({ operation }) => operation.tags.includes(tag))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} HTTP API</title>
        ${styleElement}
      </head>
      <body>
        <nav aria-label="Contents">
          <a class="brand" href="#top">${info.title}</a><span class="version">HTTP API ${info.version}</span>
          ${tags.map(
            ({ name }) =>
              html`<section>
                <h2>${name}</h2>
                <ul>
                  ${of(name).map(linkHtml)}
                </ul>
              </section>`
          )}
          <section>
            <h2>Reference</h2>
            <ul>
              <li><a href="#problems">Problems</a></li>
              <li><a href="#events">Events</a></li>
              <li><a href="#schemas">Schemas</a></li>
            </ul>
          </section>
          <div class="theme"><button type="button" id="theme" hidden>Theme</button></div>
        </nav>
        <main id="top">
          <header class="intro">
            <h1>${info.title}</h1>
            <p class="lead">${info.summary}</p>
            ${paragraphs(info.description)}
            <div class="begin">${codeHtml("To begin with", html`${firstLines.join("\n\n")}`)}</div>
            <p>
              The same as a document: <a href="openapi.json">openapi.json</a>. The websocket's:
              <a href="asyncapi.json">asyncapi.json</a>.
            </p>
            <form class="token">
              <label
                >Token, for trying it; kept until this tab is closed<input
                  id="token"
                  type="password"
                  autocomplete="off"
                  placeholder="none"
              /></label>
            </form>
          </header>
          ${tags.map(
            ({ description, name }) =>
              html`<section>
                <h2>${name}</h2>
                <p class="about">${description}</p>
                ${of(name).map(operationHtml)}
              </section>`
          )}
          <section id="problems">
            <h2>Problems</h2>
            <p class="about">
              An answer that is no success has a <code>code</code> that a program can switch on, and a
              <code>detail</code> that says what to do.
            </p>
            ${problemsHtml(document)}
          </section>
          ${eventsSection(document)}
          <section id="schemas">
            <h2>Schemas</h2>
            <p class="about">Values that have a name.</p>
            ${Object.entries(document.components.schemas)
              .filter(
                ([name, schema]) =>
                  !isEventPart(name) && !/^(Client|Logged)Event$/.test(name) && !isProblem(schema)
              )
              .map(([name, schema]) => componentHtml(name, schema))}
            ${Object.entries(document.components.schemas)
              .filter(([, schema]) => isProblem(schema))
              .map(([name, schema]) => componentHtml(name, schema))}
          </section>
        </main>
        ${scriptElement}
      </body>
    </html> `
}

const linkHtml = ({ method, operation }: Endpoint): Html =>
  html`<li><a href="#${operation.operationId}">${methodHtml(method)} ${operation.summary}</a></li>`

/** What all events have around them, then each with what it carries. */
const eventsSection = (document: OpenApiDocument): Html => {
  const { schemas } = document.components
  const some = schemas["LoggedThreadCreatedEvent"]
  const { data: _, type: __, ...envelope } = some?.properties ?? {}
  return html`<section id="events">
    <h2>Events</h2>
    <p class="about">
      What happened, told apart by <code>type</code>. What an event carries is its <code>data</code>, listed
      with each; around it stands:
    </p>
    <div id="schema-ClientEvent"></div>
    <div id="schema-LoggedEvent">
      ${fieldsHtml({ properties: envelope, required: Object.keys(envelope) })}
    </div>
    <p class="about">Readers of one thread get no position and no hash: these tell of other threads.</p>
    ${eventsHtml(document)}
  </section>`
}
