/** A runtime whose calls and text are written to a ledger. It does nothing else otherwise. */
import type { ProviderRuntimeEvent } from "@spillway/contracts"
import type { ProviderRuntime } from "@spillway/runtime-ingestion"
import { Effect } from "effect"
import { outputItem, type TextLedger } from "../ledger/TextLedger.ts"

export const observed = (runtime: ProviderRuntime, ledger: TextLedger): ProviderRuntime => ({
  ...runtime,
  runTurn: (input, session) =>
    Effect.suspend(() => {
      const call = ledger.call(input.turnId)
      const waiting = <A, E>(what: Offered, wait: Effect.Effect<A, E>): Effect.Effect<A, E> =>
        Effect.suspend(() => {
          const offer = ledger.offer(call, what)
          return Effect.tap(wait, () => Effect.sync(() => ledger.write({ type: "taken", call, offer })))
        })
      return runtime
        .runTurn(input, {
          ...session,
          emit: (event) => waiting(textOf(event), session.emit(event)),
          openStep: (options) => waiting({}, session.openStep(options)),
          // It waits to be opened, and then for its answer.
          request: (request) => waiting({}, session.request(request))
        })
        .pipe(Effect.ensuring(Effect.sync(() => ledger.write({ type: "return", call }))))
    })
})

type Offered = Parameters<TextLedger["offer"]>[1]

const textOf = (event: ProviderRuntimeEvent): Offered => {
  if (event.type === "text.delta") return { item: `${event.kind} ${event.itemId}`, text: event.delta }
  if (event.type !== "tool-call.output-delta") return {}
  return { item: outputItem(event.toolCallId), text: event.delta }
}
