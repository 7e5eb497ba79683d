import specifications from "@asyncapi/specs"
import { ClientFrame, ServerFrame } from "@spillway/contracts"
import { asyncApi, clientFrames, protocolBlocks, serverFrames } from "@spillway/contracts/async-api"
import { Ajv } from "ajv"
import { Option, Predicate, Schema } from "effect"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import { describe, expect, it } from "vitest"
import { blocksOf, documentFiles } from "./documents.ts"

interface Message {
  readonly name: string
  readonly payload: { readonly $ref: string }
  readonly examples: ReadonlyArray<{ readonly payload: unknown }>
}

const document = asyncApi("1.2.3") as {
  readonly operations: Readonly<
    Record<string, { readonly messages: ReadonlyArray<{ readonly $ref: string }> }>
  >
  readonly components: {
    readonly messages: Readonly<Record<string, Message>>
    readonly schemas: Readonly<Record<string, object>>
  }
}

const at = (pointer: string): unknown =>
  pointer
    .split("/")
    .slice(1)
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document)

const referencesIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, item]) =>
    key === "$ref" && typeof item === "string" ? [item] : referencesIn(item)
  )
}

describe("documents that come from the contracts", () => {
  for (const { path, text } of documentFiles()) {
    it(`docs/${basename(path)} is as the contracts say`, () => {
      // Not `toBe`: its difference would fill the screen.
      const isCurrent = readFileSync(path, "utf8") === text
      expect(isCurrent, `${path} is not as the contracts say: npm run docs rewrites it.`).toBe(true)
    })
  }
})

describe("the AsyncAPI document", () => {
  it("is one by the specification's own schema", () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false })
    const validate = ajv.compile(specifications.schemasWithoutId["3.0.0"] as object)
    validate(document)
    expect(validate.errors ?? []).toEqual([])
  })

  it("refers to nothing that is not there, and has nothing that nobody refers to", () => {
    const references = referencesIn(document)
    for (const reference of references) expect(at(reference), reference).toBeDefined()
    const used = new Set(references)
    const unused = Object.keys(document.components.schemas).filter(
      (name) => !used.has(`#/components/schemas/${name}`)
    )
    expect(unused).toEqual([])
  })

  it("tells of every frame of both sides, each with an example that is one, by its JSON Schema too", () => {
    const ajv = new Ajv({ strict: false })
    ajv.addSchema(document, "document")
    const messages = Object.values(document.components.messages)
    const types = new Set([...Object.keys(ClientFrame.cases), ...Object.keys(ServerFrame.cases)])
    expect(new Set(messages.map(({ name }) => name))).toEqual(types)
    for (const { examples, payload } of messages) {
      const validate = ajv.compile({ $ref: `document${payload.$ref}` })
      for (const example of examples) {
        validate(example.payload)
        expect(validate.errors ?? []).toEqual([])
      }
    }
    for (const [type, { example }] of Object.entries(clientFrames)) {
      expect(Schema.encodeSync(ClientFrame)(Schema.decodeSync(ClientFrame)(example)), type).toEqual(example)
    }
    for (const [type, { example }] of Object.entries(serverFrames)) {
      expect(Schema.encodeSync(ServerFrame)(Schema.decodeSync(ServerFrame)(example)), type).toEqual(example)
    }
  })

  it("refuses by its JSON Schemas what the server would refuse", () => {
    const ajv = new Ajv({ strict: false })
    ajv.addSchema(document, "document")
    const refused: Record<string, unknown> = {
      HelloMessage: { type: "hello" },
      AckMessage: { type: "ack", seq: "3" },
      UnsubscribeMessage: { type: "unsubscribe", id: "with space" },
      SubscribeMessage: { type: "subscribe", id: "s", subscription: { to: "nowhere" } },
      CommandMessage: { type: "command", command: { type: "thread.create", threadId: "t" } }
    }
    for (const [name, frame] of Object.entries(refused)) {
      const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` })
      expect(validate(frame), name).toBe(false)
      expect(Schema.decodeUnknownOption(ClientFrame)(frame)._tag, name).toBe("None")
    }
  })

  it("is the same each time, and JSON as it stands", () => {
    expect(asyncApi("1.2.3")).toEqual(document)
    expect(JSON.parse(JSON.stringify(document))).toEqual(document)
  })
})

describe("docs/protocol.md", () => {
  const page = documentFiles().find(({ path }) => path.endsWith("protocol.md"))!.text

  it("has every table that comes from the schemas", () => {
    expect(new Set(blocksOf(page))).toEqual(new Set(Object.keys(protocolBlocks())))
  })

  it("shows frames that are frames of the side that it says, but for a command that is answered with an error", () => {
    const lines = Array.from(page.matchAll(/^([<>]) (\{.*\})$/gm), ([, side, text]) => ({
      side: side!,
      frame: JSON.parse(text!) as unknown
    }))
    expect(lines.length).toBeGreaterThan(20)
    for (const [i, { frame, side }] of lines.entries()) {
      const schema: Schema.Codec<ClientFrame | ServerFrame, unknown> =
        side === ">" ? ClientFrame : ServerFrame
      const decoded = Schema.decodeUnknownOption(schema)(frame)
      const answer = lines[i + 1]?.frame
      if (Predicate.hasProperty(answer, "code") && answer.code === "command-invalid")
        expect(decoded._tag).toBe("None")
      else expect(Schema.encodeSync(schema)(Option.getOrThrow(decoded))).toEqual(frame)
    }
  })
})
