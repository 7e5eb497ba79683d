/** Every event that there is, with what it carries. */
import { Html, html, prose } from "./Html.ts"
import { nameOf, type OpenApiDocument } from "./OpenApiDocument.ts"
import { fieldsHtml } from "./schemaHtml.ts"

/** Components that are told as events, and need no place among the schemas. */
export const isEventPart = (name: string): boolean =>
  /^[A-Z]\w+(Event|Data)$/.test(name) && !/^(Client|Logged)Event$/.test(name)

export const eventsHtml = ({ components: { schemas } }: OpenApiDocument): ReadonlyArray<Html> =>
  Object.entries(schemas["ClientEvent"]?.discriminator?.mapping ?? {}).map(([type, ref]) => {
    const event = schemas[nameOf(ref)]!
    const data = event.properties?.["data"] ?? {}
    const carried = data.$ref === undefined ? data : schemas[nameOf(data.$ref)]!
    return html`<details class="schema" id="schema-${nameOf(ref)}">
      <summary><code>${type}</code> <span>${prose(event.description ?? "")}</span></summary>
      ${fieldsHtml(carried)}
    </details>`
  })
