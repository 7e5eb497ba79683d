/** Does to the system what the schedule says, each fault at its moment, whatever became of those before it. */
import { Effect } from "effect"
import type { KeptServer } from "./processes/KeptServer.ts"
import type { keepHost } from "./processes/KeptHost.ts"
import type { keepPostgres } from "./processes/KeptPostgres.ts"
import type { TcpProxy } from "./processes/TcpProxy.ts"
import type { Side, TimedFault } from "./schedule.ts"
import { seeded } from "./seeded.ts"

export interface Victims {
  readonly server: KeptServer
  readonly host: Effect.Success<ReturnType<typeof keepHost>>
  readonly postgres: Effect.Success<ReturnType<typeof keepPostgres>>
  readonly proxies: Readonly<Record<Side, TcpProxy>>
}

/** Of a hundred kills of the server, so many hit a process that may not have come to answer yet. */
const WHILE_STARTING = 10

/** Returns once all of them were begun and all that they do for a while is over. */
export const inflict = (options: {
  readonly seed: number
  readonly schedule: ReadonlyArray<TimedFault>
  readonly victims: Victims
  readonly note: (fault: TimedFault) => void
}) => {
  const { note, schedule, seed, victims } = options
  const began = performance.now()
  const chance = seeded(seed, "who is hit")
  const atOnce = schedule.map(() => chance.percent(WHILE_STARTING))
  const run = (fault: TimedFault, index: number) =>
    Effect.suspend(() => Effect.sleep(Math.max(0, began + fault.at - performance.now()))).pipe(
      Effect.andThen(Effect.sync(() => note(fault))),
      Effect.andThen(Effect.suspend(() => strike(fault)(index)))
    )
  const strike = (fault: TimedFault) => (index: number) => {
    switch (fault.type) {
      case "kill-server":
        return victims.server.kill(fault.pause, atOnce[index]!)
      case "kill-postgres":
        return Effect.orDie(victims.postgres.killAndRestart(fault.pause))
      case "kill-runtime":
        return victims.host.kill
      case "cut":
        return Effect.sync(() => void victims.proxies[fault.side].cut(fault.percent, chance))
      case "cut-in-answer":
        return Effect.sync(() => victims.proxies[fault.side].cutInAnswer(fault.afterBytes))
      case "delay": {
        const proxy = victims.proxies[fault.side]
        return Effect.sync(() => proxy.delay(fault.by)).pipe(
          Effect.andThen(Effect.sleep(fault.lasting)),
          Effect.andThen(Effect.sync(() => proxy.delay(0)))
        )
      }
      case "black-hole": {
        const proxy = victims.proxies[fault.side]
        return Effect.sync(() => proxy.darken(true)).pipe(
          Effect.andThen(Effect.sleep(fault.lasting)),
          Effect.andThen(
            Effect.sync(() => {
              if (fault.thenCut) proxy.cut(100, chance)
              proxy.darken(false)
            })
          )
        )
      }
    }
  }
  return Effect.forEach(schedule, run, { concurrency: "unbounded", discard: true })
}
