import { expect, it } from "@effect/vitest"
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase"
import { Effect } from "effect"
import { createSpillway } from "../createSpillway.ts"
import { scripted } from "./runtimes/builtIn.ts"
import type { Spillway } from "./Spillway.ts"
import { embedded } from "./testing/embedded.ts"

const committed = async (spillway: Spillway): Promise<string | undefined> => {
  const { url } = await spillway.listen()
  const page = await (await fetch(`${url}/metrics`)).text()
  return /^spillway_events_committed_total (\d+)$/m.exec(page)?.[1]
}

it.live("each Spillway of a process shows its own metrics", () =>
  embedded(async (busy, database) => {
    await using idle = await createSpillway({ database, runtimes: [scripted()], logLevel: "none" })
    await busy.createThread()
    await busy.createThread()
    expect(await committed(busy)).toBe("2")
    expect(await committed(idle)).toBe("0")
  }).pipe(Effect.provide(TestDatabase.layer))
)
