import { Schema } from "effect"
import { HttpApi, type HttpApiEndpoint } from "effect/http-api"
import { describe, expect, it } from "vitest"
import { componentDescriptions } from "./componentDescriptions.ts"
import { openApi } from "./openApi.ts"
import { Problem } from "./Problem.ts"
import { SpillwayHttpApi } from "./SpillwayHttpApi.ts"

interface Operation {
  readonly operationId: string
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<{ readonly name: string; readonly description?: string }>
  readonly requestBody?: { readonly content: Record<string, { readonly examples: Record<string, Example> }> }
  readonly responses: Record<string, { readonly content?: Record<string, { readonly example?: unknown }> }>
  readonly security: ReadonlyArray<object>
}

interface Example {
  readonly value: unknown
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, { readonly properties?: Record<string, unknown> }> }
}

const document = openApi("1.2.3") as unknown as Document

const endpoints = (() => {
  const found: Array<HttpApiEndpoint.Top> = []
  HttpApi.reflect(SpillwayHttpApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint }) => void found.push(endpoint)
  })
  return found
})()

const operationOf = ({ method, path }: HttpApiEndpoint.Top): Operation =>
  document.paths[path.replace(/:(\w+)/g, "{$1}")]![method.toLowerCase()]!

const decodes = (schemas: ReadonlyArray<Schema.Top>, value: unknown) => {
  const schema = Schema.Union(schemas) as unknown as Schema.Codec<unknown, unknown>
  expect(Schema.encodeSync(schema)(Schema.decodeUnknownSync(schema)(value))).toEqual(value)
}

describe("the OpenAPI document", () => {
  it("is the same each time, and says the version of the server that it is asked for", () => {
    expect(openApi("1.2.3")).toEqual(document)
    expect(openApi("1.2.3")).toMatchObject({ openapi: "3.1.0", info: { version: "1.2.3" } })
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })

  for (const endpoint of endpoints) {
    describe(`${endpoint.method} ${endpoint.path}`, () => {
      const operation = operationOf(endpoint)

      it("says what it is for, what its parameters mean, and how to call it", () => {
        expect(operation).toMatchObject({
          summary: expect.any(String),
          description: expect.stringMatching(/\.$/),
          "x-codeSamples": [{ source: expect.stringContaining("{server}") }]
        })
        for (const parameter of operation.parameters) {
          expect(parameter).toMatchObject({ name: parameter.name, description: expect.stringMatching(/\.$/) })
        }
      })

      it("shows examples that are what the server would take and answer", () => {
        const json = operation.responses["200"]!.content!["application/json"]
        if (json?.example !== undefined) decodes([...endpoint.success], json.example)
        const body = operation.requestBody?.content["application/json"]?.examples ?? {}
        for (const { value } of Object.values(body)) {
          decodes(
            [...endpoint.payload.values()].flatMap(({ schemas }) => schemas),
            value
          )
        }
        expect(Object.keys(body).length > 0).toBe(endpoint.method === "POST")
        const problems = Object.values(operation.responses).flatMap((response) =>
          Object.entries(response.content ?? {}).filter(([type]) => type === "application/problem+json")
        )
        for (const [, { example }] of problems) decodes([Problem], example)
        expect(problems.length).toBeGreaterThan(0)
      })
    })
  }

  it("asks for the token everywhere but where probes and readers of the documentation come", () => {
    const open = endpoints.filter((endpoint) => operationOf(endpoint).security.length === 0)
    expect(open.map(({ path }) => path)).toEqual([
      "/health/live",
      "/health/ready",
      "/openapi.json",
      "/asyncapi.json",
      "/docs"
    ])
    for (const endpoint of endpoints.filter((endpoint) => !open.includes(endpoint))) {
      expect(operationOf(endpoint).security).toEqual([{ token: [] }, {}])
      expect(operationOf(endpoint).responses["401"]).toBeDefined()
    }
  })

  it("describes every component, and nothing that is none", () => {
    const { schemas } = document.components
    const described = Object.entries(schemas).filter(([name]) => componentDescriptions[name] === undefined)
    expect(described.map(([name]) => name)).toEqual([])
    const used = new Set(
      [...JSON.stringify(document).matchAll(/#\/components\/schemas\/([\w.-]+)/g)].map(([, name]) => name!)
    )
    for (const [name, { has }] of Object.entries(componentDescriptions)) {
      // Data of an event that carries nothing is told in place.
      if (!name.endsWith("Data")) expect([...used], name).toContain(name)
      for (const field of Object.keys(has ?? {})) {
        if (field !== "receipt") expect(Object.keys(schemas[name]?.properties ?? {}), name).toContain(field)
      }
    }
  })
})
