/**
 * Counts the active turns, and those of them that wait for a person, as the holder of the lease sees them: begun with the folded states
 * of the busy threads, and kept up with the events behind the head at which those were looked for. An event that a state holds already
 * does no harm when it comes again.
 */
import type { LoggedEvent, RequestId, TurnId } from "@spillway/contracts"
import type { ThreadState } from "../thread/ThreadState.ts"
import { threadKey } from "../threadKey.ts"

export class ActiveTurns {
  private readonly byThread = new Map<string, { readonly turnId: TurnId; readonly pending: Set<RequestId> }>()

  begin(state: ThreadState): void {
    if (state.active === null) return
    const pending = new Set(Object.keys(state.active.pendingRequests) as Array<RequestId>)
    this.byThread.set(threadKey(state), { turnId: state.active.turnId, pending })
  }

  take(event: LoggedEvent): void {
    switch (event.type) {
      case "thread.turn-started":
        return void this.byThread.set(threadKey(event), { turnId: event.data.turnId, pending: new Set() })
      case "thread.turn-completed":
      case "thread.turn-failed":
      case "thread.turn-interrupted": {
        const key = threadKey(event)
        // A queued turn may end, too.
        if (this.byThread.get(key)?.turnId === event.data.turnId) this.byThread.delete(key)
        return
      }
      case "thread.request-opened":
        return void this.byThread.get(threadKey(event))?.pending.add(event.data.requestId)
      case "thread.request-resolved":
      case "thread.request-withdrawn":
        return void this.byThread.get(threadKey(event))?.pending.delete(event.data.requestId)
      default:
        return
    }
  }

  clear(): void {
    this.byThread.clear()
  }

  parked(): number {
    let parked = 0
    for (const { pending } of this.byThread.values()) if (pending.size > 0) parked++
    return parked
  }

  running(): number {
    return this.byThread.size - this.parked()
  }
}
