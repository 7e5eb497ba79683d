/** The OpenAPI document of the HTTP API: pure, and the same each time. */
import { OpenApi } from "effect/http-api"
import { componentDescriptions } from "./componentDescriptions.ts"
import { componentNames } from "./componentNames.ts"
import { SpillwayHttpApi } from "./SpillwayHttpApi.ts"

type Json = Record<string, unknown>

/** @param version of the server that answers. */
export const openApi = (version: string): Json => {
  const names = componentNames()
  const document = OpenApi.fromApi(SpillwayHttpApi, {
    referencePolicy: ({ ast, identifier }) => names.get(ast) ?? identifier?.replace(/Encoded$/, "")
  })
  const components = tidy(document.components) as { readonly schemas: Record<string, Json> }
  return {
    openapi: document.openapi,
    info: {
      title: "Spillway",
      version,
      summary: "An event-sourced orchestration engine for AI agent threads.",
      description: description.join("\n\n"),
      license: { name: "MIT", identifier: "MIT" }
    },
    servers: [
      // Relative to the document, which may be below the path of another server.
      { url: ".", description: "The server that this document comes from." },
      { url: "http://127.0.0.1:4000", description: "A server with the default settings." }
    ],
    tags: document.tags,
    paths: tidy(mapOperations(document.paths)),
    components: { ...components, schemas: described(components.schemas) }
  }
}

const description = [
  "Commands go in, and are answered by a receipt after commit. What they did is told by events, in one order without gaps; views are folds of these, the same on server and client.",
  "All bodies are JSON. An answer that is no success is `application/problem+json`: `code` is for programs, `detail` is a sentence for a person that says what to do, and with `retryable` the same request may succeed in a moment.",
  "Whatever comes in pages has a `next`: the cursor of the page that follows, `null` on the last one.",
  "The websocket of the protocol `spillway.v1` is at `/v1/ws`.",
  "Runtimes in other processes have a protocol of their own, `spillway-runtime.v1`, with a token of their own, at `/v1/runtimes/…`: its document is `docs/runtime-protocol.md`."
]

/** A server that runs without a token asks for none: each request that may carry one may also go without. */
const mapOperations = (paths: OpenApi.OpenAPISpecPaths): Json =>
  Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(
        Object.entries(item as Record<string, OpenApi.OpenAPISpecOperation>).map(([method, operation]) => [
          method,
          {
            ...operation,
            security: operation.security.length === 0 ? [] : [...operation.security, {}]
          }
        ])
      )
    ])
  )

/** Leaves out what says nothing, and that there are no other fields: there may be, in a version to come, and readers pass over them. */
const tidy = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(tidy)
  if (value === null || typeof value !== "object") return value
  const { anyOf, ...rest } = value as Json
  // A choice of one is none.
  if (Array.isArray(anyOf) && anyOf.length === 1) return tidy({ ...(anyOf[0] as Json), ...rest })
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, said]) => !isEmpty(key, said))
      .map(([key, item]) => [key, tidy(item)])
  )
}

const isEmpty = (key: string, said: unknown): boolean =>
  (key === "additionalProperties" && said === false) ||
  (key === "minimum" && said === Number.MIN_SAFE_INTEGER) ||
  (key === "maximum" && said === Number.MAX_SAFE_INTEGER)

const described = (schemas: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(schemas)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, schema]) => {
        const said = componentDescriptions[name]
        const properties = schema["properties"] as Record<string, Json> | undefined
        return [
          name,
          {
            ...(said !== undefined && { description: said.is }),
            ...withDiscriminator(schema, schemas),
            ...(name === "Id" && { pattern: "^[!-~]{1,600}$" }),
            ...(properties !== undefined && {
              properties: Object.fromEntries(
                Object.entries(properties).map(([key, property]) => [
                  key,
                  said?.has?.[key] === undefined ? property : { ...property, description: said.has[key] }
                ])
              )
            })
          }
        ]
      })
  )

/** A union of things that each say their `type` is told apart by it. */
const withDiscriminator = (schema: Json, schemas: Record<string, Json>): Json => {
  const members = schema["anyOf"]
  if (!Array.isArray(members)) return schema
  const mapping: Record<string, string> = {}
  for (const { $ref } of members as ReadonlyArray<{ readonly $ref?: string }>) {
    const type = $ref === undefined ? undefined : typeOf(schemas[$ref.split("/").at(-1)!])
    if ($ref === undefined || type === undefined) return schema
    mapping[type] = $ref
  }
  const { anyOf: _, ...rest } = schema
  return { ...rest, oneOf: members, discriminator: { propertyName: "type", mapping } }
}

const typeOf = (schema: Json | undefined): string | undefined => {
  const type = (
    schema?.["properties"] as Record<string, { readonly enum?: ReadonlyArray<string> }> | undefined
  )?.["type"]
  return type?.enum?.length === 1 ? type.enum[0] : undefined
}
