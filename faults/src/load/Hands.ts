/** A client as the one who drives a thread has it in hand, whatever it is made of. */
import type { ClientCommand, ThreadView } from "@spillway/contracts"

/** `gone`: there is nobody to answer any more. */
export type Answer = "accepted" | "rejected" | "gone"

export interface Hands {
  /** Sends a command again and again, as the same one, until it is answered. */
  readonly dispatch: (command: ClientCommand) => Promise<Answer>
  /** The thread as this client sees it now. */
  readonly view: () => ThreadView
  /** Calls after each change of the view; the result ends it. */
  readonly onChange: (listener: () => void) => () => void
}
