/** Which methods an address takes, as the contract says. */
import { SpillwayHttpApi } from "@spillway/contracts/http-api"
import { HttpApi } from "effect/http-api"

const methodsByPattern = (() => {
  const found = new Map<string, Set<string>>()
  HttpApi.reflect(SpillwayHttpApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint: { method, path } }) => {
      const pattern = `^${path.replace(/[.]/g, "\\.").replace(/:\w+/g, "[^/]+")}$`
      const methods = found.get(pattern) ?? new Set<string>()
      found.set(pattern, methods.add(method))
      if (method === "GET") methods.add("HEAD")
    }
  })
  return Array.from(found, ([pattern, methods]) => ({
    pattern: new RegExp(pattern),
    methods: [...methods, "OPTIONS"]
  }))
})()

/** What the address does comes first. `undefined`: nothing is there. `path` as it came, still encoded. */
export const methodsOf = (path: string): ReadonlyArray<string> | undefined =>
  methodsByPattern.find(({ pattern }) => pattern.test(path))?.methods
