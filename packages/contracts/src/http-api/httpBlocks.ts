/** What `docs/http.md` holds of the contract, in Markdown, block by block. */
import { firstLines } from "./firstLines.ts"
import { openApi } from "./openApi.ts"

interface Operation {
  readonly summary: string
  readonly description: string
  readonly "x-codeSamples": ReadonlyArray<{ readonly source: string }>
}

interface Document {
  readonly tags: ReadonlyArray<{ readonly name: string; readonly description: string }>
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, Operation & { tags: ReadonlyArray<string> }>>>
  >
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Schema {
  readonly description?: string
  readonly properties?: Readonly<Record<string, { readonly enum?: ReadonlyArray<string | number> }>>
}

/** Where a server with the default settings is. */
const SERVER = "http://127.0.0.1:4000"

export const httpBlocks = (): Readonly<Record<string, string>> => {
  const document = openApi("") as unknown as Document
  return {
    begin: shell(firstLines.join("\n\n")),
    endpoints: endpoints(document),
    problems: problems(document)
  }
}

const endpoints = ({ paths, tags }: Document): string =>
  tags
    .flatMap((tag) => [
      `### ${tag.name}`,
      tag.description,
      ...Object.entries(paths).flatMap(([path, item]) =>
        Object.entries(item)
          .filter(([, operation]) => operation.tags.includes(tag.name))
          .flatMap(([method, operation]) => endpoint(`${method.toUpperCase()} ${path}`, operation))
      )
    ])
    .join("\n\n")

const endpoint = (address: string, operation: Operation): ReadonlyArray<string> => [
  `#### ${operation.summary}: \`${address}\``,
  operation.description,
  ...operation["x-codeSamples"].map(({ source }) => shell(source))
]

const shell = (lines: string): string => `\`\`\`sh\n${lines.replaceAll("{server}", SERVER)}\n\`\`\``

const problems = ({ components }: Document): string =>
  [
    "| status | `code` | when |",
    "| --- | --- | --- |",
    ...Object.values(components.schemas)
      .flatMap(({ description, properties }) => {
        const status = properties?.["status"]?.enum?.[0]
        const codes = properties?.["detail"] === undefined ? undefined : properties["code"]?.enum
        return typeof status === "number" && codes !== undefined ? [{ codes, description, status }] : []
      })
      .toSorted((a, b) => a.status - b.status)
      .map(
        ({ codes, description, status }) =>
          `| ${status} | ${codes.map((code) => `\`${code}\``).join(", ")} | ${description} |`
      )
  ].join("\n")
