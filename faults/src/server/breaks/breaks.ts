/**
 * Every break that can be asked for, by its name. Each breaks one promise and leaves the others alone, as far as that goes: a server that
 * breaks a promise all the time would do nothing at all, so it is broken for titles, or for one event in so many.
 */
import type { LoggedEvent, ProviderRuntimeEvent } from "@spillway/contracts"
import { decide, PostgresReadModels, Publisher, threadKey } from "@spillway/orchestration"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Effect, Layer, Result, Stream } from "effect"
import { SqlClient } from "effect/sql/SqlClient"
import type { Break, Surroundings } from "./Break.ts"
import { changedPublisher, onLog, withEngine } from "./brokenParts.ts"

/** Whether it is about a title, in a thread in which the break holds. */
const titleIn =
  ({ within }: Surroundings) =>
  ({ threadId, type }: { readonly threadId: string; readonly type: string }): boolean =>
    (type === "thread.update" || type === "thread.updated") && threadId.includes(within)

/** A receipt leaves before its command is committed. */
const receiptBeforeCommit: Break = {
  parts: (surroundings) => ({
    engine: withEngine((engine) => ({
      dispatch: Effect.fnUntraced(function* (origin, command) {
        if (!titleIn(surroundings)(command)) return yield* engine.dispatch(origin, command)
        const state = yield* engine.state(origin.tenant, command.threadId)
        const decision = decide(state, command)
        if (Result.isFailure(decision)) return yield* engine.dispatch(origin, command)
        yield* Effect.forkDetach(
          Effect.andThen(Effect.sleep(surroundings.moment), engine.dispatch(origin, command))
        )
        const { commandId, threadId } = command
        return { status: "accepted", commandId, threadId, version: state.version + decision.success.length }
      })
    }))
  })
}

/** Un-flushed text is nowhere but in memory. */
const noCheckpoint: Break = {
  parts: () => ({
    engine: withEngine((engine) => ({ ingest: (batch) => engine.ingest({ ...batch, checkpoint: [] }) }))
  })
}

/** Subscribers are shown events that are still to be committed. */
const publishBeforeCommit: Break = {
  parts: (surroundings) => ({
    engine: onLog((log, publisher) => ({
      append: (append) => {
        const events = append.events.map(
          ({ data, encoding: _, ...row }, i) =>
            ({ ...row, position: publisher.head() + 1 + i, data: JSON.parse(data) }) as LoggedEvent
        )
        if (!events.some(titleIn(surroundings))) return log.append(append)
        return publisher
          .publish(events)
          .pipe(Effect.andThen(Effect.sleep(surroundings.moment)), Effect.andThen(log.append(append)))
      }
    }))
  })
}

/** Receipts of titles are not kept. */
const forgetAReceipt: Break = {
  parts: (surroundings) => ({
    engine: onLog((log) => ({
      append: (append) =>
        log.append(append.events.some(titleIn(surroundings)) ? { ...append, receipts: [] } : append)
    }))
  })
}

/** The cursor of a session stays where it is when its events go in. */
const cursorNotInAppend: Break = {
  parts: () => ({ engine: onLog((log) => ({ append: (append) => log.append({ ...append, cursors: [] }) })) })
}

/** The runtime is called, and its claim is committed afterwards. */
const noClaimBeforeCall: Break = {
  parts: ({ ledger, moment, within }) => ({
    engine: withEngine((engine) => ({
      ingest: (batch) => {
        const claim = batch.commands.find((command) => command.type === "thread.session.open")
        if (claim === undefined || !batch.threadId.includes(within)) return engine.ingest(batch)
        ledger.callEarly(claim.turnId)
        return Effect.andThen(Effect.sleep(moment), engine.ingest(batch))
      }
    }))
  })
}

/** A turn that an earlier process left behind is no turn to this one. */
const forgetAThread: Break = {
  parts: () => {
    const opened = new Set<string>()
    return {
      engine: withEngine((engine) => ({
        ingest: (batch) => {
          if (batch.commands.some(({ type }) => type === "thread.session.open")) opened.add(threadKey(batch))
          return engine.ingest(batch)
        },
        state: (tenant, threadId) =>
          Effect.map(engine.state(tenant, threadId), (state) =>
            state.active?.session && !opened.has(threadKey({ tenant, threadId }))
              ? { ...state, active: null }
              : state
          )
      }))
    }
  }
}

const isEnd = ({ type }: LoggedEvent): boolean => type === "thread.turn-completed"

/** The end of a turn is in the log, and no subscriber is shown it. */
const eventNotHandedOn: Break = {
  parts: () => ({
    publisher: changedPublisher((publisher) => ({
      onPublish: (listener) =>
        publisher.onPublish((events) => listener(events.filter((event) => !isEnd(event))))
    })).pipe(Layer.provide(Publisher.layer))
  })
}

/** The read models pass over titles. */
const eventNotProjected: Break = {
  parts: (surroundings) => ({
    readModels: PostgresReadModels.layer.pipe(
      Layer.provide(
        changedPublisher((publisher) => ({
          follow: (after) =>
            Stream.map(publisher.follow(after), (events) =>
              events.map((event) =>
                titleIn(surroundings)(event) ? ({ ...event, data: {} } as LoggedEvent) : event
              )
            )
        }))
      )
    )
  })
}

/** The checkpoint of the read models moves past titles in a transaction of its own, before their rows are written. */
const checkpointBeforeRows: Break = {
  parts: (surroundings) => {
    let batch: ReadonlyArray<LoggedEvent> = []
    const noting = changedPublisher((publisher) => ({
      follow: (after) =>
        Stream.tap(publisher.follow(after), (events) => Effect.sync(() => void (batch = events)))
    }))
    const ahead = Layer.effect(
      SqlClient,
      Effect.map(SqlClient, (sql) => {
        const withTransaction: typeof sql.withTransaction = (rows) =>
          Effect.suspend(() => {
            const last = batch.at(-1)
            if (last === undefined || !batch.some(titleIn(surroundings))) return sql.withTransaction(rows)
            return sql`update projection set position = ${last.position} where position < ${last.position}`.pipe(
              Effect.andThen(Effect.sleep(surroundings.moment)),
              Effect.andThen(sql.withTransaction(rows))
            )
          })
        return new Proxy(sql, {
          get: (target, name) =>
            name === "withTransaction" ? withTransaction : (Reflect.get(target, name) as unknown)
        })
      })
    )
    return { readModels: PostgresReadModels.layer.pipe(Layer.provide(Layer.mergeAll(noting, ahead))) }
  }
}

const countedDeltas = (
  every: number,
  break_: (event: ProviderRuntimeEvent) => ReadonlyArray<ProviderRuntimeEvent>
) => {
  let count = 0
  return (runtime: ProviderRuntime): ProviderRuntime => ({
    ...runtime,
    runTurn: (input, session) =>
      runtime.runTurn(input, {
        ...session,
        emit: (event) =>
          event.type === "text.delta" && ++count % every === 0
            ? Effect.forEach(break_(event), (one) => session.emit(one), { discard: true })
            : session.emit(event)
      })
  })
}

/** A piece of text that comes again is taken again. */
const takenAgain: Break = { runtime: countedDeltas(50, (event) => [event, event]) }

/** A piece of text is taken and goes nowhere. */
const textDropped: Break = { runtime: countedDeltas(50, () => []) }

export const breaks: Readonly<Record<string, Break>> = {
  "receipt-before-commit": receiptBeforeCommit,
  "no-checkpoint": noCheckpoint,
  "publish-before-commit": publishBeforeCommit,
  "forget-a-receipt": forgetAReceipt,
  "cursor-not-in-append": cursorNotInAppend,
  "no-claim-before-call": noClaimBeforeCall,
  "forget-a-thread": forgetAThread,
  "event-not-handed-on": eventNotHandedOn,
  "event-not-projected": eventNotProjected,
  "checkpoint-before-rows": checkpointBeforeRows,
  "taken-again": takenAgain,
  "text-dropped": textDropped
}
