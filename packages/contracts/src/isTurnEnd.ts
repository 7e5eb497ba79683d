import type { ThreadEventType } from "./ThreadEvent.ts"

type TurnEndType = Extract<ThreadEventType, `thread.turn-${"completed" | "failed" | "interrupted"}`>

/** The events that end a turn. */
export const isTurnEnd = <E extends { readonly type: ThreadEventType }>(
  event: E
): event is E & { readonly type: TurnEndType } =>
  event.type === "thread.turn-completed" ||
  event.type === "thread.turn-failed" ||
  event.type === "thread.turn-interrupted"
