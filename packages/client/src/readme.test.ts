import { asked, begun, created, opened, threadId } from "@spillway/contracts/testing"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { runInThisContext } from "node:vm"
import * as React from "react"
import { rolldown } from "rolldown"
import { Listener } from "spillway/effect"
import { layerTestSpillway } from "spillway/testing"
import * as hooks from "./react.ts"
import { clientIn, FakePlace } from "./testing/FakePlace.ts"
import { accepted, commandIn, FakeThread, rejected, subscriptionIn } from "./testing/fakeThread.ts"
import { rendered } from "./testing/rendered.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

/** The first example in this language, as it stands. */
const example = (language: string): string =>
  new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(readme)![1]!

/** What a module exports when it is given these to import. */
const evaluated = async (
  code: string,
  modules: Record<string, unknown>
): Promise<Record<string, unknown>> => {
  const bundle = await rolldown({
    input: "example.jsx",
    external: Object.keys(modules),
    plugins: [
      {
        name: "example",
        resolveId: (id) => (id === "example.jsx" ? id : null),
        load: (id) => (id === "example.jsx" ? code : null)
      }
    ]
  })
  const { output } = await bundle.generate({ format: "cjs" })
  await bundle.close()
  const exports = {}
  const run = runInThisContext(`(function (require, exports) {${output[0].code}\n})`) as (
    require: (name: string) => unknown,
    exports: object
  ) => void
  run((name) => modules[name], exports)
  return exports
}

describe("the README", () => {
  it.live("has a chat in a terminal that works as it stands", () =>
    Effect.gen(function* () {
      const { address } = yield* Listener
      const code = example("js").replace("127.0.0.1:4000", address)
      const printed = yield* Effect.callback<{ readonly code: number | null; readonly text: string }>(
        (resume) => {
          const child = spawn(
            process.execPath,
            ["--conditions=@spillway/source", "--no-warnings", "--input-type=module", "--eval", code],
            { cwd: fileURLToPath(new URL("..", import.meta.url)) }
          )
          let text = ""
          for (const stream of [child.stdout, child.stderr]) {
            stream.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
          }
          child.on("close", (code) => resume(Effect.succeed({ code, text })))
        }
      )
      expect(printed.code, printed.text).toBe(0)
      expect(printed.text).toContain("user: What is a spillway?")
      expect(printed.text).toContain("assistant: Hello! You said: “What is a spillway?”")
    }).pipe(Effect.provide(layerTestSpillway))
  )

  it("has a chat in a page that works as it stands", async () => {
    const place = new FakePlace()
    const server = new FakeThread()
    const require = createRequire(import.meta.url)
    const { App } = await evaluated(example("tsx").replace('id="t1"', `id="${threadId}"`), {
      "@spillway/client": { connect: () => clientIn(place) },
      "@spillway/client/react": hooks,
      react: React,
      "react/jsx-runtime": require("react/jsx-runtime")
    })
    const page = rendered(React.createElement(App as React.FunctionComponent))
    server.commits(created, ...begun("t1"), opened("t1"), asked("t1", "r1"))
    const socket = await React.act(() => place.welcomes())
    const id = subscriptionIn(socket)
    React.act(() => socket.says(server.snapshot(id), server.caughtUp(id)))
    expect(page.text()).toBe("ask t1May I?YesNoStop")

    page.click("Yes")
    const answer = commandIn(socket.takeSent())
    expect(answer).toMatchObject({ type: "thread.request.respond", response: { decision: "approve" } })
    expect(page.text()).toBe("ask t1Stop")
    React.act(() => socket.says(rejected(answer, "RequestAlreadyResolved")))
    expect(page.text()).toBe("ask t1May I?YesNoIt is RequestAlreadyResolved.Send againNever mindStop")
    page.click("Never mind")
    page.click("Stop")
    const interrupt = commandIn(socket.takeSent())
    expect(interrupt).toMatchObject({ type: "thread.turn.interrupt", turnId: "t1" })
    React.act(() => socket.says(accepted(interrupt, 6)))

    await page.submit({ text: "and now?" })
    expect(commandIn(socket.takeSent())).toMatchObject({ type: "thread.turn.start", text: "and now?" })
    expect(page.text()).toContain("and now?")
    React.act(() => socket.cuts())
    expect(page.text()).toContain("Connecting again…")
    page.leave()
  })
})
