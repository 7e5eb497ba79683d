import { Result } from "effect"
import type { CommandOf, Decide, DecideTable } from "../Decision.ts"
import { endActiveTurn, endingOf } from "./endTurn.ts"
import { interruptTurn } from "./interruptTurn.ts"
import { requireActiveTurn } from "./requireTurn.ts"
import { retryTurn } from "./retryTurn.ts"
import { startTurn } from "./startTurn.ts"
import { steerTurn } from "./steerTurn.ts"

const closeTurn: Decide<CommandOf<"thread.turn.close">> = (state, command) =>
  Result.map(requireActiveTurn(state, command.turnId), (active) =>
    endActiveTurn(state, endingOf(active, command))
  )

export const decideTurn: DecideTable<
  | "thread.turn.start"
  | "thread.turn.steer"
  | "thread.turn.interrupt"
  | "thread.turn.retry"
  | "thread.turn.close"
> = {
  "thread.turn.start": startTurn,
  "thread.turn.steer": steerTurn,
  "thread.turn.interrupt": interruptTurn,
  "thread.turn.retry": retryTurn,
  "thread.turn.close": closeTurn
}
