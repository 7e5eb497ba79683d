/**
 * The commands that were given for one thread, from the moment they are given until the thread shows what came of them, or they were
 * turned down and dismissed.
 */
import type { ClientCommand, CommandId, Receipt, ThreadId } from "@spillway/contracts"
import type { Outcome, Sending } from "./Commands.ts"
import { CommandRejected } from "./errors.ts"
import { newId } from "./newId.ts"
import { isTurnedDown, type PendingCommand } from "./PendingCommand.ts"

export type Accepted = Extract<Receipt, { readonly status: "accepted" }>

/** Commands that were turned down and not dismissed are kept up to this many. */
const KEPT = 100

/** The thread that they are for. */
export interface GivenFor {
  readonly threadId: ThreadId
  /** There is no such thread yet. */
  readonly isAbsent: () => boolean
  /** Its version here, as far as somebody keeps it up to date. */
  readonly version: () => number | null
  readonly dispatch: (sending: ReadonlyArray<Sending>, where?: "behind" | "before") => void
  readonly now: () => number
  readonly onChange: () => void
  readonly onCreated: () => void
}

interface Given {
  pending: PendingCommand
  /** The thread's version that shows it. */
  version: number
  hasCreated: boolean
  readonly accepted: Promise<Accepted>
  readonly resolve: (receipt: Accepted) => void
  readonly reject: (error: Error) => void
}

export class GivenCommands {
  readonly #for: GivenFor
  readonly #given = new Map<CommandId, Given>()
  #list: ReadonlyArray<PendingCommand> = []
  #isCreating = false

  constructor(givenFor: GivenFor) {
    this.#for = givenFor
  }

  /** In the order in which they were given. The same list until something changes. */
  get list(): ReadonlyArray<PendingCommand> {
    return this.#list
  }

  /** Sends a command. Resolves after its commit; rejects with CommandRejected or CommandFailed. */
  give(command: ClientCommand): Promise<Accepted> {
    const at = new Date(this.#for.now()).toISOString()
    const given = newlyGiven({ commandId: command.commandId, command, at, status: "sending", reason: null })
    this.#given.set(command.commandId, given)
    this.#changed()
    this.#send(given)
    return given.accepted
  }

  /** Sends again what was turned down: what was rejected as a command of its own, what failed as the one that it was. */
  resend(commandId: CommandId): Promise<Accepted> | undefined {
    const last = this.#given.get(commandId)?.pending
    if (last === undefined || !isTurnedDown(last)) return undefined
    const command =
      last.status === "failed" ? last.command : { ...last.command, commandId: newId<CommandId>() }
    const given = newlyGiven({ ...last, command, status: "sending", reason: null })
    this.#given.set(commandId, given)
    this.#changed()
    this.#send(given)
    return given.accepted
  }

  /** Forgets a command that was turned down. */
  dismiss(commandId: CommandId): void {
    const given = this.#given.get(commandId)
    if (given === undefined || !isTurnedDown(given.pending)) return
    this.#given.delete(commandId)
    this.#changed()
  }

  /** Lets go of what the thread shows by now. */
  settle(): void {
    const version = this.#for.version()
    let isSettled = false
    for (const [commandId, given] of this.#given) {
      if (given.pending.status !== "accepted" || (version !== null && version < given.version)) continue
      this.#given.delete(commandId)
      isSettled = true
    }
    if (isSettled) this.#list = this.#listed()
  }

  #send(given: Given): void {
    const { command } = given.pending
    const isStart = command.type === "thread.turn.start"
    const create = isStart && this.#for.isAbsent() && !this.#isCreating ? [this.#creation()] : []
    given.hasCreated = create.length > 0
    this.#for.dispatch([...create, this.#sending(given)])
  }

  /** A rejection is remembered under its command's id: what is sent instead needs one of its own. */
  #sendInstead(given: Given, command: ClientCommand, first: ReadonlyArray<Sending> = []): void {
    given.pending = { ...given.pending, command: { ...command, commandId: newId() } }
    this.#for.dispatch([...first, this.#sending(given)], "before")
    this.#changed()
  }

  #sending(given: Given): Sending {
    return {
      command: given.pending.command,
      onOutcome: (outcome) => this.#onOutcome(given, outcome)
    }
  }

  /** The thread itself, before the first of its turns. That it is there already is as good. */
  #creation(): Sending {
    this.#isCreating = true
    return {
      command: { type: "thread.create", commandId: newId(), threadId: this.#for.threadId },
      onOutcome: ({ status }) => {
        this.#isCreating = false
        if (status !== "failed") this.#for.onCreated()
      }
    }
  }

  #onOutcome(given: Given, outcome: Outcome): void {
    switch (outcome.status) {
      case "accepted":
        given.version = outcome.version
        this.#turn(given, { status: "accepted" })
        given.resolve(outcome)
        if (given.pending.command.type === "thread.create") this.#for.onCreated()
        return
      case "rejected": {
        const { _tag, message } = outcome.rejection
        const { command } = given.pending
        if (_tag === "ThreadNotFound" && command.type === "thread.turn.start" && !given.hasCreated) {
          given.hasCreated = true
          return this.#sendInstead(given, command, [this.#creation()])
        }
        // The turn ended while the message was on its way to it, or was turned down itself.
        const hasNoTurn = _tag === "TurnNotActive" || _tag === "TurnNotFound"
        if (hasNoTurn && command.type === "thread.turn.steer") {
          const { messageId, nextTurnId: turnId, text, threadId } = command
          const { commandId } = command
          const start = { type: "thread.turn.start", commandId, threadId, turnId, messageId, text } as const
          return this.#sendInstead(given, start)
        }
        this.#turn(given, { status: "rejected", reason: { code: _tag, message } })
        return given.reject(new CommandRejected(outcome.rejection))
      }
      case "failed": {
        const { code, message } = outcome.error
        this.#turn(given, { status: "failed", reason: { code, message } })
        return given.reject(outcome.error)
      }
    }
  }

  #turn(given: Given, into: Partial<PendingCommand>): void {
    given.pending = { ...given.pending, ...into }
    const turnedDown = [...this.#given].filter(([, { pending }]) => isTurnedDown(pending))
    for (const [commandId] of turnedDown.slice(0, -KEPT)) this.#given.delete(commandId)
    this.settle()
    this.#changed()
  }

  #changed(): void {
    this.#list = this.#listed()
    this.#for.onChange()
  }

  #listed(): ReadonlyArray<PendingCommand> {
    return Array.from(this.#given.values(), ({ pending }) => pending)
  }
}

const newlyGiven = (pending: PendingCommand): Given => {
  let resolve!: Given["resolve"]
  let reject!: Given["reject"]
  const accepted = new Promise<Accepted>((onAccepted, onTurnedDown) => {
    resolve = onAccepted
    reject = onTurnedDown
  })
  // Whoever does not wait for it sees it in the thread's pending commands.
  accepted.catch(() => {})
  return { pending, version: 0, hasCreated: false, accepted, resolve, reject }
}
