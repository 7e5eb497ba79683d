/** An endpoint on the page: what it is for, what it takes and answers, the line to call it with, and a form that calls it. */
import { Html, html, jsonHtml, paragraphs, prose } from "./Html.ts"
import type { Endpoint, Media, Parameter } from "./OpenApiDocument.ts"
import { boundsHtml, typeHtml } from "./schemaHtml.ts"

export const operationHtml = ({ method, operation, path }: Endpoint): Html => {
  const { operationId, parameters, requestBody, responses } = operation
  const body = requestBody?.content["application/json"]
  return html`<section class="operation" id="${operationId}" data-method="${method}" data-path="${path}">
    <div class="what">
      <h3>${operation.summary} <a class="anchor" href="#${operationId}" aria-label="Link to this">#</a></h3>
      <p class="address">${methodHtml(method)} <code>${pathHtml(path)}</code></p>
      ${paragraphs(operation.description)} ${parameters.length === 0 ? undefined : parametersHtml(parameters)}
      ${
        body?.schema === undefined
          ? undefined
          : html`<h4>Body</h4>
              <p class="type">${typeHtml(body.schema)} as JSON</p>`
      }
      <h4>Answers</h4>
      <ul class="answers">
        ${Object.entries(responses).map(([status, { content, description }]) =>
          answerHtml(status, description, content ?? {})
        )}
      </ul>
    </div>
    <div class="how">
      ${operation["x-codeSamples"].map(({ source }) => codeHtml("curl", html`${source}`))}
      ${examplesHtml(responses["200"]?.content ?? {})} ${tryHtml(parameters, body)}
    </div>
  </section>`
}

export const methodHtml = (method: string): Html => html`<span class="method ${method}">${method}</span>`

const pathHtml = (path: string): Html => new Html(html`${path}`.text.replace(/\{(\w+)\}/g, "<em>{$1}</em>"))

const parametersHtml = (parameters: ReadonlyArray<Parameter>): Html =>
  html`<h4>Parameters</h4>
    <dl class="fields">
      ${parameters.map(
        ({ description, in: place, name, required, schema }) =>
          html`<div>
            <dt>
              <code class="name">${name}</code
              ><span class="optional">${place}${required === true ? "" : ", optional"}</span>
            </dt>
            <dd>
              <span class="type">${typeHtml(schema)}</span>${boundsHtml(schema)}
              <p>${prose(description ?? "")}</p>
            </dd>
          </div>`
      )}
    </dl>`

const answerHtml = (status: string, description: string, content: Readonly<Record<string, Media>>): Html => {
  const types = Object.entries(content)
  return html`<li>
    <span class="status s${status.slice(0, 1)}">${status}</span>
    <span>${description}</span>
    ${types.map(
      ([type, { schema }]) =>
        html`<span class="type"
          >${
            type === "application/json" || type.endsWith("problem+json") ? typeHtml(schema ?? {}) : type
          }</span
        >`
    )}
  </li>`
}

const examplesHtml = (content: Readonly<Record<string, Media>>): ReadonlyArray<Html> =>
  Object.entries(content)
    .filter(([, { example }]) => example !== undefined)
    .map(([type, { example }]) =>
      codeHtml(type, typeof example === "string" ? html`${example}` : jsonHtml(example))
    )

export const codeHtml = (title: string, code: Html): Html =>
  html`<figure>
    <figcaption>${title}<button type="button" class="copy">Copy</button></figcaption>
    <pre><code>${code}</code></pre>
  </figure>`

const tryHtml = (parameters: ReadonlyArray<Parameter>, body: Media | undefined): Html =>
  html`<details class="try">
    <summary>Try it</summary>
    <form>
      ${parameters.map(
        ({ example, in: place, name, required }) =>
          html`<label
            >${name}<input
              name="${name}"
              data-in="${place}"
              autocomplete="off"
              placeholder="${required === true ? "" : "absent"}"
              value="${required === true ? example : undefined}"
          /></label>`
      )}
      ${
        body === undefined
          ? undefined
          : html`<label
                >Example<select>
                  ${Object.entries(body.examples ?? {}).map(
                    ([name, { value }]) =>
                      html`<option value="${JSON.stringify(value, null, 2)}">${name}</option>`
                  )}
                </select></label
              ><label>Body<textarea spellcheck="false" rows="9"></textarea></label>`
      }
      <button type="submit">Send</button>
    </form>
    <output hidden></output>
  </details>`
