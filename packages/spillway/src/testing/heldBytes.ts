/** What a process holds, for tests that say how much a client may make it hold. */
import { Effect } from "effect"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"

/** One round of the event loop, sockets included. */
export const round = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc")
  return runInNewContext("gc") as () => void
})()

/** Bytes of the heap and of buffers that this process can't give back. */
export const heldBytes = Effect.gen(function* () {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 10; j++) yield* round
    collectGarbage()
  }
  const { external, heapUsed } = process.memoryUsage()
  return heapUsed + external
})
