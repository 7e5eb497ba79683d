/**
 * Every break that can be asked for, by its name. Each breaks one promise and leaves the others alone, as far as that goes: a server that
 * breaks a promise all the time would do nothing at all, so it is broken for titles, or for one event in so many.
 */
import type { LoggedEvent, ProviderRuntimeEvent } from "@spillway/contracts"
import { decide, PostgresReadModels, Publisher, threadKey } from "@spillway/orchestration"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Effect, Layer, Result, Stream } from "effect"
import { type Break, MOMENT } from "./Break.ts"
import { onLog, withEngine, withPublisher } from "./brokenEngine.ts"

const isTitle = ({ type }: { readonly type: string }): boolean =>
  type === "thread.update" || type === "thread.updated"

/** A receipt leaves before its command is committed. */
const receiptBeforeCommit: Break = {
  parts: () => ({
    engine: withEngine((engine) => ({
      dispatch: Effect.fnUntraced(function* (origin, command) {
        if (!isTitle(command)) return yield* engine.dispatch(origin, command)
        const state = yield* engine.state(origin.tenant, command.threadId)
        const decision = decide(state, command)
        if (Result.isFailure(decision)) return yield* engine.dispatch(origin, command)
        yield* Effect.forkDetach(Effect.andThen(Effect.sleep(MOMENT), engine.dispatch(origin, command)))
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
  parts: () => ({
    engine: onLog((log, publisher) => ({
      append: (append) => {
        const events = append.events.map(
          ({ data, encoding: _, ...row }, i) =>
            ({ ...row, position: publisher.head() + 1 + i, data: JSON.parse(data) }) as LoggedEvent
        )
        if (!events.some(isTitle)) return log.append(append)
        return publisher
          .publish(events)
          .pipe(Effect.andThen(Effect.sleep(MOMENT)), Effect.andThen(log.append(append)))
      }
    }))
  })
}

/** Receipts of titles are not kept. */
const forgetAReceipt: Break = {
  parts: () => ({
    engine: onLog((log) => ({
      append: (append) => log.append(append.events.some(isTitle) ? { ...append, receipts: [] } : append)
    }))
  })
}

/** The cursor of a session stays where it is when its events go in. */
const cursorNotInAppend: Break = {
  parts: () => ({ engine: onLog((log) => ({ append: (append) => log.append({ ...append, cursors: [] }) })) })
}

/** The runtime is called, and its claim is committed afterwards. */
const noClaimBeforeCall: Break = {
  parts: (ledger) => ({
    engine: withEngine((engine) => ({
      ingest: (batch) => {
        const claim = batch.commands.find((command) => command.type === "thread.session.open")
        if (claim === undefined) return engine.ingest(batch)
        ledger.callEarly(claim.turnId)
        return Effect.andThen(Effect.sleep(MOMENT), engine.ingest(batch))
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
    publisher: withPublisher((publisher) => ({
      onPublish: (listener) =>
        publisher.onPublish((events) => listener(events.filter((event) => !isEnd(event))))
    }))
  })
}

/** The read models pass over titles. */
const eventNotProjected: Break = {
  parts: () => ({
    readModels: PostgresReadModels.layer.pipe(
      Layer.provide(
        Layer.effect(
          Publisher,
          Effect.map(Publisher, (publisher) =>
            Publisher.of({
              ...publisher,
              follow: (after) =>
                Stream.map(publisher.follow(after), (events) =>
                  // A batch is told by its first and its last event.
                  events.filter((event, i) => !isTitle(event) || i === 0 || i === events.length - 1)
                )
            })
          )
        )
      )
    )
  })
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
            ? Effect.forEach(break_(event), session.emit, { discard: true })
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
  "taken-again": takenAgain,
  "text-dropped": textDropped
}
