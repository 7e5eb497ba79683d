/** A server and its Postgres, each killed in the middle of everything, again and again. */
import { expect, it, vi } from "@effect/vitest"
import { EmbeddedPostgres } from "@spillway/embedded-postgres"
import { type ClientCommand, isTurnEnd } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import { Deferred, Effect, Fiber, Redacted } from "effect"
import { storedLog } from "spillway/testing"
import { watchLog } from "./testing/LogWatch.ts"
import { another, end, type Turn, textOf, turnOf } from "./testing/scriptedTurn.ts"
import { type SpillwayProcess, startServer } from "./testing/SpillwayProcess.ts"

/** Processes that start others: slow on a busy machine. */
vi.setConfig({ testTimeout: 120_000 })

const CLIENTS = 6
/** In each of them each client starts two turns. */
const PHASES = 4
/** Commands of all clients in a phase: a thread and its turn each. */
const COMMANDS = CLIENTS * 2 * 2
const text = { deltas: 120, deltaSize: 20, intervalMs: 5 }
const modes = ["buffered", "streaming", "paragraph"] as const

/** Clients that send each command until it is acknowledged, wherever the server is by then. */
const makeClients = () => {
  let address = Deferred.makeUnsafe<string>()
  const acked = new Map<string, ClientCommand>()
  const turns: Array<Turn> = []
  const waiting = new Set<() => void>()
  let refusals = 0
  let phase = 0
  const changed = () => {
    for (const look of waiting) look()
  }

  const send = (command: ClientCommand) =>
    Effect.gen(function* () {
      while (true) {
        const to = yield* Deferred.await(address)
        const response = yield* Effect.promise(async () => {
          try {
            const response = await fetch(`${to}/v1/commands`, {
              method: "POST",
              headers: { "content-type": "application/json" },
              body: JSON.stringify(command)
            })
            return {
              status: response.status,
              retryAfter: response.headers.get("retry-after"),
              body: await response.json()
            }
          } catch {
            return undefined
          }
        })
        // The server died under it.
        if (response === undefined) continue
        if (response.status === 503) {
          expect(response).toMatchObject({ retryAfter: "1", body: { retryable: true } })
          refusals++
          changed()
          continue
        }
        expect(response).toMatchObject({ status: 200, body: { status: "accepted" } })
        acked.set(command.commandId, command)
        return changed()
      }
    })

  /** Returns once it holds, looking each time something changed. */
  const until = (holds: () => boolean) =>
    Effect.callback<void>((resume) => {
      const look = () => {
        if (!holds()) return
        waiting.delete(look)
        resume(Effect.void)
      }
      waiting.add(look)
      look()
    })

  const oneClient = (n: number) =>
    Effect.forEach(
      Array.from({ length: PHASES * 2 }),
      Effect.fnUntraced(function* (_, i) {
        yield* until(() => phase > i / 2)
        const turn = turnOf("stream", text, modes[(n + i) % modes.length])
        turns.push(turn)
        yield* Effect.forEach(turn.commands, send, { discard: true })
      }),
      { discard: true }
    )

  return {
    acked,
    turns,
    refusals: () => refusals,
    run: Effect.forEach(
      Array.from({ length: CLIENTS }, (_, n) => n),
      oneClient,
      {
        concurrency: CLIENTS,
        discard: true
      }
    ),
    until,
    /** Lets the next turns be started. */
    begin: () => {
      phase++
      changed()
    },
    /** Returns when the first commands of the turns that were let start last are acknowledged. */
    some: Effect.suspend(() => {
      const least = (phase - 1) * COMMANDS + COMMANDS / 3
      return until(() => acked.size >= least)
    }),
    serverIs: (at: string | null) => {
      if (at === null) address = Deferred.makeUnsafe()
      else Deferred.doneUnsafe(address, Effect.succeed(at.replace("ws:", "http:")))
    }
  }
}

const kill = (server: SpillwayProcess) =>
  Effect.andThen(
    Effect.sync(() => server.child.kill("SIGKILL")),
    server.ended
  )

it.live(
  "E5 kill -9 the server and Postgres in the middle of everything: what was acknowledged is there once, the chains hold, no turn fails for it and every thread goes on",
  () =>
    Effect.gen(function* () {
      const postgres = yield* EmbeddedPostgres.startTemporary()
      const environment = {
        DATABASE_URL: Redacted.value(postgres.url),
        SPILLWAY_PORT: "0",
        SPILLWAY_COMMAND_WAIT_SECONDS: "1"
      }
      let server = yield* startServer(environment)
      const clients = makeClients()
      clients.serverIs(server.url)
      const before = yield* watchLog(server.url)
      const load = yield* Effect.forkChild(clients.run)

      clients.begin()
      yield* clients.some
      yield* before.untilType(clients.turns[0]!.threadId, "thread.message-opened")
      yield* postgres.kill
      clients.begin()
      // It is away for longer than commands wait.
      yield* clients.until(() => clients.refusals() > 0)
      yield* postgres.restart
      yield* clients.some
      const postmaster = yield* postgres.pid
      process.kill(postmaster, "SIGKILL")
      yield* postgres.restart.pipe(Effect.retry({ times: 50 }))
      // Its turns run on, and whoever followed the log follows it still.
      for (const turn of clients.turns.slice(0, 6)) {
        expect((yield* end(before, turn)).type).toBe("thread.turn-completed")
        expect(textOf(before, turn)).toBe(streamedText(text))
      }
      const { stderr } = yield* kill(server)
      expect(stderr).not.toMatch(/\bat .*\.ts:\d+/)
      clients.serverIs(null)
      expect(stderr.match(/The database is away/g)?.length).toBeLessThanOrEqual(2)

      server = yield* startServer(environment)
      clients.serverIs(server.url)
      clients.begin()
      yield* clients.some
      yield* postgres.kill
      clients.serverIs(null)
      yield* kill(server)
      yield* postgres.restart
      server = yield* startServer(environment)
      clients.serverIs(server.url)
      clients.begin()
      yield* clients.some
      yield* postgres.kill
      yield* postgres.restart
      yield* Fiber.join(load)
      expect(clients.acked.size).toBe(PHASES * COMMANDS)

      const after = yield* watchLog(server.url)
      const next = yield* Effect.forEach(clients.turns, (turn) => another(after, turn))
      for (const [i, turn] of clients.turns.entries()) {
        const { data, type } = yield* end(after, turn)
        // Its server may have died before its first word.
        const hasMessage = after
          .eventsOf(turn.threadId)
          .some((event) => event.type === "thread.message-opened" && event.data.turnId === turn.turnId)
        const shown = hasMessage ? textOf(after, turn) : ""
        if (type === "thread.turn-completed") expect(shown).toBe(streamedText(text))
        else {
          expect([type, data.reason]).toEqual(["thread.turn-interrupted", "server-restarted"])
          expect(streamedText(text).startsWith(shown)).toBe(true)
        }
        expect((yield* end(after, next[i]!)).type).toBe("thread.turn-completed")
        expect(after.eventsOf(turn.threadId).filter(isTurnEnd)).toHaveLength(2)
      }

      const { head, recomputed, rows } = yield* storedLog(postgres.url)
      expect(recomputed).toEqual(head)
      const created = rows.filter(
        ({ type }) => type === "thread.created" || type === "thread.turn-start-requested"
      )
      const places = Map.groupBy(created, ({ commandId }) => commandId)
      for (const commandId of clients.acked.keys()) expect(places.get(commandId as never)).toHaveLength(1)
    }).pipe(Effect.scoped)
)
