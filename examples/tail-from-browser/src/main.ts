/** Serves the page, and an engine for it to watch, from one port. The page is bundled when the server starts. */
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { join } from "node:path"
import { rolldown } from "rolldown"
import { createSpillway } from "spillway"
import { narrator } from "./narrator.ts"

const page = join(import.meta.dirname, "page")

const bundle = async (): Promise<string> => {
  const build = await rolldown({
    input: join(page, "page.ts"),
    platform: "browser",
    // The workspace's packages from their sources; elsewhere they are built.
    resolve: { conditionNames: ["@spillway/source", "browser", "import"] }
  })
  const { output } = await build.generate({ format: "esm", minify: true })
  await build.close()
  return output[0].code
}

const files: Record<string, readonly [type: string, content: string]> = {
  "/": ["text/html; charset=utf-8", await readFile(join(page, "index.html"), "utf8")],
  "/page.css": ["text/css; charset=utf-8", await readFile(join(page, "page.css"), "utf8")],
  "/page.js": ["text/javascript; charset=utf-8", await bundle()]
}

const spillway = await createSpillway({
  database: process.env.DATABASE_URL ?? { directory: process.env.SPILLWAY_DATA_DIR ?? ".spillway" },
  runtimes: [narrator()]
})

const server = createServer(({ url }, response) => {
  const file = files[url ?? ""]
  if (file === undefined) return response.writeHead(404).end()
  return response.writeHead(200, { "content-type": file[0], "cache-control": "no-store" }).end(file[1])
})
spillway.mount(server)
server.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" }, () => {
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  console.log(`Open http://127.0.0.1:${port} in a browser, and again in a second one.`)
})

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close()
    void spillway.close()
    server.closeIdleConnections()
  })
}
