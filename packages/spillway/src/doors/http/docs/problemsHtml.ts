/** What a program may find in the `code` of a problem, by status. */
import { Html, html, prose } from "./Html.ts"
import type { OpenApiDocument, Schema } from "./OpenApiDocument.ts"

export const problemsHtml = ({ components: { schemas } }: OpenApiDocument): Html =>
  html`<dl class="fields">
    ${Object.values(schemas)
      .filter(isProblem)
      .map((schema) => ({ schema, status: Number(schema.properties!["status"]!.enum![0]) }))
      .toSorted((a, b) => a.status - b.status)
      .map(
        ({ schema, status }) =>
          html`<div>
            <dt><span class="status s${String(status).slice(0, 1)}">${status}</span></dt>
            <dd>
              <p>${prose(schema.description ?? "")}</p>
              <p class="codes">${codesOf(schema).map((code) => html`<code>${code}</code> `)}</p>
            </dd>
          </div>`
      )}
  </dl>`

export const isProblem = ({ properties }: Schema): boolean =>
  properties?.["code"] !== undefined &&
  properties["detail"] !== undefined &&
  properties["status"]?.enum !== undefined

const codesOf = (schema: Schema): ReadonlyArray<string> =>
  (schema.properties!["code"]!.enum ?? []).map(String)
