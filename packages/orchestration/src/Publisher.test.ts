import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Layer, Logger, References, Stream } from "effect"
import * as Memory from "./memory/Memory.ts"
import { Publisher } from "./Publisher.ts"
import { create } from "./testing/commands.ts"
import { origin, sendable } from "./testing/TestEngine.ts"
import { ThreadEngine } from "./ThreadEngine.ts"

it.effect(
  "a listener that throws is logged, and keeps neither the ones behind it nor followers from anything",
  () => {
    const logged: Array<unknown> = []
    const logger = Logger.make(({ message }) => void logged.push(message))
    return Effect.gen(function* () {
      const publisher = yield* Publisher
      const engine = yield* ThreadEngine
      const heard: Array<string> = []
      const listen = (name: string, fails = false) =>
        publisher.onPublish((events) => {
          heard.push(`${name} ${events[0]!.position}`)
          if (fails) throw new Error("a bug")
        })
      yield* listen("first")
      yield* listen("second", true)
      yield* listen("third")
      const followed = yield* Effect.forkChild(Stream.runHead(publisher.follow(1)), {
        startImmediately: true
      })
      for (const threadId of ["a", "b"]) yield* engine.dispatch(origin, sendable(create(), { threadId }))
      expect(yield* Fiber.join(followed)).toMatchObject({ _tag: "Some", value: [{ position: 2 }] })
      expect(heard).toEqual(["first 1", "second 1", "third 1", "first 2", "second 2", "third 2"])
      expect(logged).toHaveLength(2)
    }).pipe(
      Effect.scoped,
      Effect.provide(
        ThreadEngine.layer.pipe(
          Layer.provideMerge(Publisher.layer),
          Layer.provide(Memory.layer),
          Layer.provideMerge(Logger.layer([logger]))
        )
      ),
      Effect.provideService(References.MinimumLogLevel, "Error")
    )
  }
)
