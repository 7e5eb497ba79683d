/** Schemas in words: what a value is, and what its fields are. */
import { Html, html, prose } from "./Html.ts"
import { nameOf, type Schema } from "./OpenApiDocument.ts"

/** A short name of what the value is, with links to what has a name of its own. */
export const typeHtml = (schema: Schema): Html => {
  if (schema.$ref !== undefined) {
    const name = nameOf(schema.$ref)
    return html`<a href="#schema-${name}">${name}</a>`
  }
  const members = schema.anyOf ?? schema.oneOf
  if (members !== undefined) return joined(members.map(typeHtml), " | ")
  if (schema.allOf?.length === 1) return typeHtml(schema.allOf[0]!)
  if (schema.enum !== undefined) return joined(schema.enum.map(literal), " | ")
  if (schema.const !== undefined) return literal(schema.const)
  if (schema.type === "array") return html`${typeHtml(schema.items ?? {})}[]`
  if (typeof schema.additionalProperties === "object") {
    return html`{ [key]: ${typeHtml(schema.additionalProperties)} }`
  }
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(([name, field]) => html`${name}: ${typeHtml(field)}`)
    return fields.length === 0 ? html`{}` : html`{ ${joined(fields, "; ")} }`
  }
  return html`${schema.type ?? "any JSON"}`
}

const literal = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`

const joined = (pieces: ReadonlyArray<Html>, between: string): Html =>
  new Html(pieces.map(({ text }) => text).join(between))

/** Bounds, in words. */
export const boundsHtml = ({ default: usual, maximum, maxLength, minimum }: Schema): Html => {
  const said = [
    minimum === undefined ? "" : maximum === undefined ? `from ${minimum} on` : `${minimum} to ${maximum}`,
    maxLength === undefined ? "" : `at most ${maxLength} characters`,
    usual === undefined ? "" : `${JSON.stringify(usual)} where it is absent`
  ].filter((text) => text !== "")
  return said.length === 0 ? html`` : html` <small>${said.join(", ")}</small>`
}

export const fieldsHtml = (schema: Schema): Html => {
  const fields = Object.entries(schema.properties ?? {})
  if (fields.length === 0) return html`<p class="quiet">No fields.</p>`
  return html`<dl class="fields">
    ${fields.map(
      ([name, field]) =>
        html`<div>
          <dt>
            <code class="name">${name}</code>${
              schema.required?.includes(name) === true
                ? undefined
                : html`<span class="optional">optional</span>`
            }
          </dt>
          <dd>
            <span class="type">${typeHtml(field)}</span>${boundsHtml(field)}${
              field.description === undefined ? undefined : html`<p>${prose(field.description)}</p>`
            }
          </dd>
        </div>`
    )}
  </dl>`
}

/** What has a name. */
export const componentHtml = (name: string, schema: Schema): Html =>
  html`<details class="schema" id="schema-${name}">
    <summary><code>${name}</code> <span>${prose(schema.description ?? "")}</span></summary>
    ${
      schema.properties === undefined
        ? html`<p class="type">${typeHtml(schema)}${boundsHtml(schema)}</p>`
        : fieldsHtml(schema)
    }
  </details>`
