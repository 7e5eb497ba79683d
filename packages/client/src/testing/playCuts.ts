/**
 * One thread, two clients that send, answer and interrupt at random while a played runtime writes, and a network that is cut under one of
 * them; the server is stopped or killed now and then, and goes on with the same log. In the end everything is let come to rest.
 */
import { type ClientEvent, DEFAULT_TENANT, emptyThreadView, foldThread, ThreadId } from "@spillway/contracts"
import { Effect } from "effect"
import { isTurnedDown } from "../PendingCommand.ts"
import type { ThreadState } from "../ThreadState.ts"
import { type Faults, inProcessClient, noFaults } from "./inProcessClient.ts"
import { PlayedRuntime } from "./PlayedRuntime.ts"
import { seeded, type Seeded } from "./seeded.ts"
import type { World } from "./ServerProcess.ts"
import { WatchedThread } from "./WatchedThread.ts"

/** What a run did, to tell whether the runs are worth something. */
export interface Tally {
  connections: number
  restarts: number
  events: number
  liveLost: number
  turnedDown: number
}

const MOVES = 60

export const playCuts = Effect.fnUntraced(function* (world: World, seed: number) {
  const chance = seeded(seed)
  const tally: Tally = { connections: 0, restarts: 0, events: 0, liveLost: 0, turnedDown: 0 }
  const { network } = world
  const threadId = ThreadId.make(`thread-${seed}`)
  const runtime = new PlayedRuntime(threadId, chance, world.server())
  yield* runtime.recover(world.server())

  let isStormy = true
  // Chance of its own: how often a client connects is a matter of time.
  const weather = seeded(seed + 1_000_000)
  const faults: Faults = {
    cut: () => {
      tally.connections += 1
      if (!isStormy || !weather.percent(80)) return null
      const direction = weather.percent(25) ? "up" : "down"
      return { direction, bytes: 200 + weather.upTo(direction === "up" ? 3_000 : 8_000) }
    },
    losesLive: () => {
      const loses = isStormy && weather.percent(20)
      if (loses) tally.liveLost += 1
      return loses
    }
  }
  const cut = inProcessClient(network, faults)
  const whole = inProcessClient(network, noFaults)
  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      cut.close()
      whole.close()
    })
  )
  const watched = new WatchedThread(cut.thread(threadId))
  const other = new WatchedThread(whole.thread(threadId))

  // Else the thread is absent until one of them happens to send something.
  if (chance.percent(75)) {
    yield* Effect.promise(() => other.thread.create().accepted)
    other.sent(other.thread.send("begin", { mode: "streaming" }), true)
  }
  for (let move = 0; move < MOVES; move++) {
    if (chance.percent(20)) {
      const one = chance.percent(70) ? watched : other
      clientMove(one, chance)
    }
    if (chance.percent(85)) yield* runtime.move
    if (chance.percent(1)) {
      const { active } = yield* world.server().engine.state(DEFAULT_TENANT, threadId)
      if (active !== null) for (const one of [watched, other]) one.excuse(active.turnId)
      yield* runtime.recover(yield* world.restart(chance.oneOf(["stop", "kill"])))
      tally.restarts += 1
    }
    yield* ticks(chance.upTo(5))
  }

  isStormy = false
  network.calm()
  // Nothing is sent from here on: what is on its way comes through, and what it started ends.
  for (const { thread } of [watched, other]) {
    yield* Effect.promise(() => thread.until(({ pending }) => pending.every(isTurnedDown)))
  }
  const { engine, log } = world.server()
  while ((yield* engine.state(DEFAULT_TENANT, threadId)).active !== null) yield* runtime.end
  const { version } = yield* engine.state(DEFAULT_TENANT, threadId)
  const events: ReadonlyArray<ClientEvent> = yield* log.readThread({
    tenant: DEFAULT_TENANT,
    threadId,
    afterVersion: 0,
    limit: 100_000
  })
  const fold = foldThread(emptyThreadView(threadId), events)
  tally.events = events.length
  const isThere = ({ status, view }: ThreadState) =>
    view.version === version && (status === "live" || status === "absent")
  for (const one of [watched, other]) {
    yield* Effect.promise(() => one.thread.until(isThere))
    tally.turnedDown += one.dismissAll()
    one.compare(fold)
  }
  return {
    tally,
    fold,
    cut: watched.thread.view,
    whole: other.thread.view,
    wrong: [...watched.wrong, ...other.wrong]
  }
})

/** Something that a person does. */
const clientMove = (one: WatchedThread, chance: Seeded): void => {
  const { thread } = one
  const { requests, view } = thread.state
  const request = requests[0]
  switch (chance.upTo(request === undefined ? 8 : 12)) {
    case 0:
    case 1:
    case 2: {
      const ifBusy = chance.oneOf(["queue", "queue", "interrupt", "steer", "reject"] as const)
      const mode = chance.oneOf(["streaming", "streaming", "streaming", "buffered", "paragraph"] as const)
      const role = chance.percent(90) ? "user" : "system"
      return one.sent(thread.send(`ask ${chance.upTo(1_000)}`, { ifBusy, mode, role }), role === "user")
    }
    case 3:
      return one.sent(thread.steer("this way"), true)
    case 4:
      if (view.activeTurnId !== null && chance.percent(50)) thread.interrupt()
      else if (view.queue[0] !== undefined) thread.interrupt(view.queue[0])
      return
    case 5:
      thread.retry()
      return
    case 6:
      thread.update({ title: `title ${chance.upTo(1_000)}` })
      return
    case 7:
      if (chance.percent(30)) thread.archive()
      else if (view.status === "archived") thread.unarchive()
      return
    default:
      thread.respond(request!.requestId, {
        type: "approval",
        decision: chance.percent(80) ? "approve" : "deny"
      })
  }
}

/** Lets others run, so many times. */
const ticks = (count: number) =>
  Effect.promise(async () => {
    for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
  })
