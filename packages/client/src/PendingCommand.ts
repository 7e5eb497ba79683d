/** A command that was given and has not become part of the thread: on its way, or turned down. */
import type { ClientCommand, CommandId } from "@spillway/contracts"

export interface PendingCommand {
  /** What to call it here: the id that it was first sent under. Sent again after a rejection, it goes under another. */
  readonly commandId: CommandId
  readonly command: ClientCommand
  /** When it was given; ISO 8601. */
  readonly at: string
  /**
   * `accepted`: committed, and its events are on their way here. `rejected`: the thread's state does not allow it. `failed`: the server
   * could not take it as it is, or nobody was there to take it.
   */
  readonly status: "sending" | "accepted" | "rejected" | "failed"
  /** Why it was turned down. */
  readonly reason: { readonly code: string; readonly message: string } | null
}

export const isTurnedDown = ({ status }: PendingCommand): boolean =>
  status === "rejected" || status === "failed"
