/**
 * A package registry on loopback: it offers the given tarballs, and sends whoever asks for anything else on to the registry that npm
 * is set to use here. So `npm install spillway` is what runs before anything was published.
 */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import type { Tarball } from "./tarballs.ts"

export interface LocalRegistry {
  readonly url: string
  readonly close: () => Promise<void>
}

/** What npm asks of a registry about a package: its versions, with where each is to be had. */
const packument = ({ integrity, manifest, shasum }: Tarball, url: string) => ({
  name: manifest.name,
  "dist-tags": { latest: manifest.version },
  versions: {
    [manifest.version]: { ...manifest, dist: { tarball: `${url}/-/${manifest.name}.tgz`, integrity, shasum } }
  }
})

export const openRegistry = (tarballs: ReadonlyArray<Tarball>, upstream: string): Promise<LocalRegistry> =>
  new Promise((resolve, reject) => {
    let url = ""
    const server = createServer((request, response) => {
      const path = decodeURIComponent(request.url ?? "/")
      const offered = tarballs.find(({ manifest }) => path === `/${manifest.name}`)
      const asked = tarballs.find(({ manifest }) => path === `/-/${manifest.name}.tgz`)
      if (offered !== undefined) {
        response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" })
        response.end(JSON.stringify(packument(offered, url)))
      } else if (asked !== undefined) {
        response.writeHead(200, { "content-type": "application/octet-stream" })
        response.end(readFileSync(asked.path))
      } else {
        response.writeHead(307, { location: new URL(request.url ?? "/", upstream).href })
        response.end()
      }
    })
    server.on("error", reject).listen(0, "127.0.0.1", () => {
      const address = server.address()
      url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`
      resolve({
        url,
        close: () =>
          new Promise((done) => {
            server.close(() => done())
            server.closeAllConnections()
          })
      })
    })
  })
