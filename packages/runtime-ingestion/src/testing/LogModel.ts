/** A thread's log as a pure model: what an append does to it, and what a crash leaves. One turn, claimed, with its first message open. */
import {
  assistantMessageIdOf,
  CommandId,
  DEFAULT_TENANT,
  emptyThreadView,
  foldThread,
  type LoggedEvent,
  MessageId,
  type RuntimeCommand,
  sessionIdOf,
  stepIdOf,
  ThreadId,
  TurnId,
  type TurnView
} from "@spillway/contracts"
import {
  type CheckpointRow,
  type CursorRow,
  decide,
  emptyThreadState,
  evolve,
  promotedText,
  type ThreadCommand,
  type ThreadState,
  type UnflushedText
} from "@spillway/orchestration"
import { Result } from "effect"

export const threadId = ThreadId.make("thread")
export const turnId = TurnId.make("turn")
const stepId = stepIdOf(turnId, 0)
const sessionId = sessionIdOf(DEFAULT_TENANT, threadId)

const opening: ReadonlyArray<ThreadCommand> = [
  { type: "thread.create", commandId: CommandId.make("create"), threadId },
  {
    type: "thread.turn.start",
    commandId: CommandId.make("start"),
    threadId,
    turnId,
    messageId: MessageId.make("ask"),
    text: "hello"
  },
  {
    type: "thread.session.open",
    turnId,
    sessionId,
    generation: 1,
    runtime: "remote",
    resumable: true,
    canSteer: false
  },
  { type: "thread.step.open", turnId, stepId, steeredBy: [] },
  {
    type: "thread.message.open",
    messageId: assistantMessageIdOf(stepId, 0),
    stepId,
    runtime: "remote",
    model: null
  }
]

export class LogModel {
  state: ThreadState = emptyThreadState(DEFAULT_TENANT, threadId)
  readonly events: Array<LoggedEvent> = []
  private readonly pieces = new Map<number, CheckpointRow>()
  private appended: CursorRow = { sessionId, generation: 1, through: 0 }

  constructor() {
    this.commit(opening)
  }

  /** One append of the session; throws where the engine would refuse. */
  append(commands: ReadonlyArray<RuntimeCommand>, pieces: ReadonlyArray<UnflushedText>, through: number) {
    const cursor = { sessionId, generation: 1, through }
    this.commit(commands)
    for (const piece of pieces) this.pieces.set(piece.ordinal, { ...cursor, ...piece })
    if (commands.length > 0) this.appended = cursor
    if (this.state.active === null) this.pieces.clear()
  }

  checkpoint(): ReadonlyArray<CheckpointRow> {
    return [...this.pieces.values()].toSorted((a, b) => a.ordinal - b.ordinal)
  }

  cursor(): CursorRow {
    const through = Math.max(this.appended.through, ...this.checkpoint().map((row) => row.through))
    return { ...this.appended, through }
  }

  /** As recovery and a session that goes on do: the text of the checkpoint goes to the log. */
  promote(): void {
    if (this.state.active !== null) this.commit(promotedText(this.state.active, this.checkpoint()))
  }

  turn(): TurnView {
    return foldThread(emptyThreadView(threadId), this.events).turns[0]!
  }

  private commit(commands: ReadonlyArray<ThreadCommand>): void {
    for (const command of commands) {
      for (const event of Result.getOrThrowWith(decide(this.state, command), (rejection) => {
        throw new Error(`${command.type} was refused: ${rejection.message}`)
      })) {
        this.state = evolve(this.state, event)
        const version = this.events.length + 1
        this.events.push({
          ...event,
          position: version,
          tenant: DEFAULT_TENANT,
          threadId,
          version,
          schemaVersion: 1,
          commandId: null,
          causationId: null,
          correlationId: null,
          actor: "model",
          at: "2026-11-20T12:34:56.789Z",
          hash: ""
        })
      }
    }
  }
}
