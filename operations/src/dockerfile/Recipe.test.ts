import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { readRecipe } from "./Recipe.ts"

const from = "FROM node:24.21.0-trixie-slim AS build\n"

describe("a Dockerfile", () => {
  it("of ours is understood to its last line", () => {
    const [build, image] = readRecipe(readFileSync("Dockerfile", "utf8"))
    expect(build!.name).toBe("build")
    expect(build!.steps.filter((step) => step.do === "run").length).toBeGreaterThan(2)
    expect(image!.steps.at(-1)).toEqual({ do: "cmd", command: ["serve"] })
  })

  it("is a list of steps, over continued lines and without what only makes it faster", () => {
    const text = `${from}RUN --mount=type=cache,target=/root/.npm npm ci \\\n # a comment\n  --omit=dev\nENV A=1 \\\n  B="two words"\n`
    expect(readRecipe(text)[0]!.steps).toEqual([
      { do: "run", script: expect.stringMatching(/^npm ci\s+--omit=dev$/) },
      { do: "env", name: "A", value: "1" },
      { do: "env", name: "B", value: "two words" }
    ])
  })

  it("with more than that is refused, so that nothing is passed over", () => {
    const refused = (lines: string, why = /more than is understood/) =>
      expect(() => readRecipe(`${from}${lines}\n`)).toThrow(why)
    refused("ADD https://example.com/a /a")
    refused("VOLUME /data")
    refused("COPY --chmod=755 a b")
    refused("RUN --mount=type=secret,id=a cat /run/secrets/a")
    refused("CMD node server.js")
    refused("HEALTHCHECK NONE")
    refused("HEALTHCHECK CMD curl localhost")
    refused("RUNS npm ci", /line 2/)
    refused("EXPOSE a", /line 2/)
  })
})
