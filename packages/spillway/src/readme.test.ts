/** What the README shows is run as it stands there, in plain JavaScript, in a project of its own. */
import { afterAll, beforeAll, describe, expect, it } from "@effect/vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

/** The first block of a language behind a heading. */
const blockBehind = (heading: string, language: "js" | "ts"): string => {
  const section = readme.slice(readme.indexOf(`${heading}\n`))
  return new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(section)![1]!
}

const create = `import { createSpillway, scripted } from "spillway"
const spillway = await createSpillway({ database: { directory: ".spillway" }, runtimes: [scripted()] })
`

let project: string

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "spillway-readme-"))
  symlinkSync(fileURLToPath(new URL("../../../node_modules", import.meta.url)), join(project, "node_modules"))
})

afterAll(() => rmSync(project, { recursive: true, force: true }))

/** What the program prints until it ends by itself. */
const run = async (program: string, file = "program.mjs"): Promise<string> => {
  writeFileSync(join(project, file), program)
  const child = spawn(process.execPath, ["--conditions=@spillway/source", "--no-warnings", file], {
    cwd: project,
    stdio: ["ignore", "pipe", "pipe"]
  })
  let said = ""
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (said += chunk.toString()))
  const [code] = await once(child, "close")
  expect(code, said).toBe(0)
  return said
}

describe("the README", () => {
  it("embeds Spillway in fifteen lines", async () => {
    const program = blockBehind("# spillway", "js")
    expect(program.trim().split("\n").length).toBeLessThanOrEqual(15)
    expect(await run(program)).toMatch(/^Hello! You said: “Hello!”[\s\S]+\ncompleted\n$/)
  })

  it("makes a runtime of a generator", async () => {
    const said = await run(`${blockBehind("## A runtime of your own", "js")}
async function readGauge() {
  return 4.2
}
const thread = await spillway.createThread()
const turn = await thread.startTurn({ text: "How high?" })
for await (const view of thread.views()) {
  const request = view.turns[0]?.requests[0]
  if (request === undefined) continue
  console.log(request.title)
  await thread.respond(request.requestId, { type: "approval", decision: "approve" })
  break
}
const { messages, steps } = await turn.completed
console.log(JSON.stringify(messages.flatMap(({ parts }) => parts.map(({ result, text }) => text ?? result))))
console.log(JSON.stringify(steps[0].usage))
await spillway.close()
`)
    expect(said).toBe(`Read the north gauge?
["How high?","You ask: How high? ",4.2,"The answer: 4.2."]
{"inputTokens":12,"outputTokens":30}
`)
  })

  it("mounts the doors on a server", async () => {
    const block = blockBehind("## Mounting", "js")
    expect(block).toContain("listen(3000)")
    const said = await run(`${create}${block.replace("listen(3000)", "listen(0)")}
const url = \`http://localhost:\${server.address().port}\`
console.log(await (await fetch(\`\${url}/anything\`)).text())
console.log((await (await fetch(\`\${url}/spillway/health/ready\`)).json()).status)
await spillway.close()
server.closeAllConnections()
server.close()
`)
    expect(said).toBe("the service's own\nready\n")
  })

  it("counts turns in a table of one's own", async () => {
    const said = await run(`${create}
const thread = await spillway.createThread()
for (let i = 0; i < 3; i++) await (await thread.startTurn({ text: "hello" })).completed
${blockBehind("## Subscriptions", "js")}
await spillway.close()
`)
    // The turns of the programs before are in the log, too.
    expect(said).toMatch(/^\[ \{ day: '\d{4}-\d\d-\d\d', turns: 5 \} \]\n$/)
  })

  it("runs as layers", async () => {
    expect(await run(blockBehind("## With Effect", "ts"), "program.ts")).toBe("function\n")
  })
})
