import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type IncomingMessage, request } from "node:http"
import { listen, LoadProvider } from "./LoadProvider.ts"
import { promptOf, textOf, turnIdOf } from "./script.ts"
import { waitUntil } from "./waitUntil.ts"

const call = { thread: 4, turn: 0 }

const ask = (url: string, prompt: string) =>
  Effect.callback<IncomingMessage>((resume) => {
    const sent = request(`${url}/chat/completions`, { method: "POST", agent: false }, (response) =>
      resume(Effect.succeed(response))
    )
    sent.end(JSON.stringify({ messages: [{ role: "user", content: prompt }] }))
  })

/** The text of an answer, read to its end. */
const read = (response: IncomingMessage) =>
  Effect.promise(async () => {
    let body = ""
    for await (const piece of response.setEncoding("utf8")) body += piece
    const events = body.split("\n\n").filter((event) => event !== "" && event !== "data: [DONE]")
    return events
      .map((event) => JSON.parse(event.slice("data: ".length)).choices[0]?.delta.content ?? "")
      .join("")
  })

describe("LoadProvider", () => {
  it.live("waits for a socket that takes no more, goes on when it does, and knows what it handed over", () =>
    Effect.gen(function* () {
      const provider = new LoadProvider(new Set([call.thread]))
      const response = yield* ask(yield* listen(provider), promptOf(call))
      response.pause()
      provider.hurry()
      yield* Effect.promise(() => waitUntil(() => provider.blocked().length === 1, 20_000))
      const [{ length } = { length: 0 }] = provider.blocked()
      expect(length).toBeGreaterThan(1_000)
      expect(provider.answers.get(turnIdOf(call))).toMatchObject({ length, complete: false })

      provider.calm()
      expect(yield* read(response)).toBe(textOf(call, length))
      yield* Effect.promise(() => waitUntil(() => provider.open === 0, 20_000))
      expect(provider.blocked()).toEqual([])
      expect(provider.answers.get(turnIdOf(call))).toMatchObject({ length, complete: true })
    }).pipe(Effect.scoped)
  )

  it.live(
    "keeps account of an answer that nobody read to its end, and of requests that are none of its own",
    () =>
      Effect.gen(function* () {
        const provider = new LoadProvider(new Set())
        const url = yield* listen(provider)
        const response = yield* ask(url, promptOf(call))
        response.destroy()
        yield* Effect.promise(() => waitUntil(() => provider.open === 0, 20_000))
        expect(provider.answers.get(turnIdOf(call))).toMatchObject({ complete: false })

        for (const prompt of ["Hello.", promptOf(call)]) (yield* ask(url, prompt)).destroy()
        expect(provider.unexpected).toBe(2)
      }).pipe(Effect.scoped)
  )
})
