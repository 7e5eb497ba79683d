/** What OpenAPI says of an endpoint beyond its schemas: words, examples, the headers and representations that are not JSON values. */
import type { Context } from "effect"
import { OpenApi } from "effect/http-api"
import { problemExamples, problemHeaders } from "./problemExamples.ts"

export interface ParameterDocumentation {
  readonly description: string
  readonly example?: string | number | boolean
  /** What it is, where the text that travels is read as something else. */
  readonly schema?: Record<string, unknown>
}

export interface Documentation {
  readonly summary: string
  /** Paragraphs. */
  readonly description: ReadonlyArray<string>
  /** What follows `curl -s` in a line that works; `{server}` stands for the server's address. */
  readonly curl: string
  /** By name; what is the same everywhere need not be told again. */
  readonly parameters?: Readonly<Record<string, ParameterDocumentation>>
  /** Examples of the request's body, by name. */
  readonly body?: Readonly<Record<string, unknown>>
  /** An example of the answer. */
  readonly answer?: unknown
  /** The answer has an ETag, and `If-None-Match` is understood. */
  readonly etag?: true
  /** The beginning of the same thing as an event stream. */
  readonly eventStream?: string
}

const wholeNumber = (minimum: number) => ({ type: "integer", minimum })
const flag = { type: "boolean" }

/** The parameters that mean the same on every endpoint. */
const shared: Readonly<Record<string, ParameterDocumentation>> = {
  threadId: {
    description: "The thread's id, as it was created with; percent-encoded where an address needs it.",
    example: "t1"
  },
  before: { description: "The `next` of the page before. Absent: begins at the newest." },
  logId: {
    description: "The log that the cursor is of: of another one it is refused instead of misread.",
    example: "5b3f5f0e-1f0c-4a52-9d0e-6c1f4f6f2a11"
  }
}

/** How the query's numbers and flags look to a client: on the wire they are text. */
const readAs: Readonly<Record<string, Record<string, unknown>>> = {
  after: { anyOf: [wholeNumber(0), { const: "tail" }] },
  atVersion: wholeNumber(1),
  archived: flag,
  live: flag
}

/** Of a `limit`. */
export const perPage = (page: { readonly usual: number; readonly most: number }): ParameterDocumentation => ({
  description: `The most that one answer holds: ${page.usual} where it is absent, ${page.most} at most.`,
  example: page.usual,
  schema: { type: "integer", minimum: 1, maximum: page.most, default: page.usual }
})

/** An endpoint's documentation, to be merged into its annotations. */
export const documentation = (said: Documentation): Context.Context<never> =>
  OpenApi.annotations({
    summary: said.summary,
    description: said.description.join("\n\n"),
    transform: (operation) => complete(operation as OpenApi.OpenAPISpecOperation, said)
  })

const complete = (operation: OpenApi.OpenAPISpecOperation, said: Documentation) => ({
  ...operation,
  parameters: [
    ...operation.parameters.map((parameter) => describeParameter(parameter, said.parameters ?? {})),
    ...(said.eventStream === undefined ? [] : [lastEventId]),
    ...(said.etag === undefined ? [] : [ifNoneMatch])
  ],
  ...(operation.requestBody !== undefined && {
    requestBody: withExamples(operation.requestBody, said.body ?? {})
  }),
  responses: Object.fromEntries([
    ...Object.entries(operation.responses).map(([status, response]) => [
      status,
      completeResponse(Number(status), response, said)
    ]),
    ...(said.etag === undefined ? [] : [["304", notModified]])
  ]),
  "x-codeSamples": [{ lang: "Shell", label: "curl", source: `curl -s ${said.curl}` }]
})

const describeParameter = (
  parameter: OpenApi.OpenAPISpecParameter,
  parameters: Readonly<Record<string, ParameterDocumentation>>
) => {
  const { description, example, schema } = parameters[parameter.name] ?? shared[parameter.name] ?? {}
  return {
    ...parameter,
    ...(description !== undefined && { description }),
    ...(example !== undefined && { example }),
    schema: schema ?? readAs[parameter.name] ?? parameter.schema
  }
}

const withExamples = (body: OpenApi.OpenAPISpecRequestBody, examples: Readonly<Record<string, unknown>>) => ({
  ...body,
  content: Object.fromEntries(
    Object.entries(body.content).map(([type, media]) => [
      type,
      {
        ...media,
        examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }]))
      }
    ])
  )
})

const completeResponse = (
  status: number,
  response: OpenApi.OpenApiSpecResponse,
  { answer, etag, eventStream }: Documentation
) => {
  const headers = status === 200 && etag !== undefined ? etagHeader : problemHeaders.get(status)
  return {
    ...response,
    ...(status === 200 && { description: "The answer." }),
    ...(headers !== undefined && { headers }),
    content: Object.fromEntries([
      ...Object.entries(response.content ?? {}).map(([type, media]) => [
        type,
        {
          ...media,
          ...(status === 200 && answer !== undefined && { example: answer }),
          ...(type === "application/problem+json" && { example: problemExamples.get(status) })
        }
      ]),
      ...(status === 200 && eventStream !== undefined
        ? [["text/event-stream", { schema: { type: "string" }, example: eventStream }]]
        : [])
    ])
  }
}

const text = { type: "string" }

const etagHeader = {
  etag: {
    description: "Names this state of the thread, to be sent as If-None-Match.",
    schema: text,
    required: true
  }
}

const notModified = {
  description: "Nothing changed since the ETag that If-None-Match names.",
  headers: etagHeader
}

const ifNoneMatch = {
  name: "if-none-match",
  in: "header",
  required: false,
  description: "An ETag from before: the answer is 304, without a body, when nothing changed.",
  schema: text
}

const lastEventId = {
  name: "last-event-id",
  in: "header",
  required: false,
  description: "Of an event stream: the `id` of the last event that was seen. It goes before `after`.",
  schema: text
}
