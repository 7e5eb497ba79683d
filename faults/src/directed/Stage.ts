/**
 * A server's clients in a short run that goes by a script: a thread in mid-text, one that is done, and one in which a turn and a title come
 * right before the kill.
 */
import { ThreadId } from "@spillway/contracts"
import type { CommandLedger } from "../ledger/CommandLedger.ts"
import { readTexts } from "../ledger/readTexts.ts"
import type { Hands } from "../load/Hands.ts"
import { RawClient } from "../load/RawClient.ts"
import type { DrivenThread } from "../load/driveThread.ts"
import { seeded } from "../seeded.ts"
import { commandsFor, type ThreadCommands } from "./commandsFor.ts"

/** A thread whose name holds this is where breaks are that keep something apart until the kill. */
export const LATE = "late"

/** Milliseconds of text to be handed over before the kill: more than may be lost. */
const TYPED = 1_700

/** Milliseconds between two looks at what runtimes have written down. */
const LOOK = 25

export class Stage {
  readonly threads: ReadonlyArray<DrivenThread>
  readonly subscribers: RawClient
  readonly #ledger: CommandLedger
  readonly #textLedger: string
  readonly #client: RawClient
  readonly #typing: Player
  readonly #done: Player
  readonly #late: Player

  constructor(options: {
    readonly port: number
    readonly ledger: CommandLedger
    readonly textLedger: string
  }) {
    const { ledger, port, textLedger } = options
    const connection = { url: `ws://127.0.0.1:${port}/v1/ws`, ledger, chance: never }
    this.#ledger = ledger
    this.#textLedger = textLedger
    this.#client = new RawClient(connection)
    this.subscribers = new RawClient({ ...connection, log: true })
    const player = (name: string): Player => ({
      commands: commandsFor(ThreadId.make(name)),
      hands: this.#client.hands(name)
    })
    this.#typing = player("typing")
    this.#done = player("done")
    this.#late = player(LATE)
    this.threads = [this.#typing, this.#done, this.#late].map(({ commands, hands }) => ({
      threadId: commands.threadId,
      stop: () => Promise.resolve(),
      lastTurn: async () => {
        const { turnId } = await started({ commands, hands }, "hello")
        await until(hands, () =>
          hands.view().turns.some((turn) => turn.turnId === turnId && turn.status === "completed")
        )
      }
    }))
  }

  get clients(): ReadonlyArray<RawClient> {
    return [this.#client, this.subscribers]
  }

  /** Until one thread is in mid-text, long enough for something of it to be kept, and another one is done. */
  async begin(): Promise<void> {
    for (const { commands, hands } of [this.#typing, this.#done, this.#late]) {
      await hands.dispatch(commands.create())
    }
    await started(this.#done, "tools")
    const { turnId } = await started(this.#typing, "stream", { deltas: 2_000, deltaSize: 5, intervalMs: 20 })
    const { hands } = this.#done
    await until(hands, () => hands.view().turns[0]?.messages.at(-1)?.status === "completed")
    await this.#written((calls) => {
      const taken = calls
        .filter((call) => call.turnId === turnId)
        .flatMap(({ offers }) => offers.flatMap(({ item, takenAt }) => (item === null ? [] : [takenAt ?? 0])))
      return taken.length > 0 && taken.at(-1)! - taken[0]! > TYPED
    })
  }

  /** Right before the kill: a turn's runtime is called, then a title is answered for, or shown. */
  async finish(): Promise<void> {
    const { commands, hands } = this.#late
    const { turnId } = await started(this.#late, "hello")
    await this.#written((calls) => calls.some((call) => call.turnId === turnId))
    const title = "shortly before"
    const answered = hands.dispatch(commands.rename(title))
    await Promise.race([answered, until(hands, () => hands.view().title === title)])
  }

  /**
   * On the server after it: what was answered is asked for again, but for the title, which would be done now if it was not before. Resolves
   * once it is answered again, the same or not.
   */
  async askAgain(): Promise<void> {
    const acked = [...this.#ledger.entries.values()].filter(
      ({ acks, command }) => acks.length > 0 && command.type !== "thread.update"
    )
    await Promise.all(acked.map(({ command }) => this.#client.dispatch(command)))
  }

  close(): void {
    for (const client of this.clients) client.close()
  }

  async #written(fits: (calls: ReturnType<typeof readTexts>) => boolean): Promise<void> {
    while (!fits(readTexts([this.#textLedger]))) await new Promise((resolve) => setTimeout(resolve, LOOK))
  }
}

interface Player {
  readonly commands: ThreadCommands
  readonly hands: Hands
}

/** Nothing here is left to chance. */
const never = { ...seeded(0, "nothing"), percent: () => false }

const started = async ({ commands, hands }: Player, script: string, options: object = {}) => {
  const start = commands.start(script, options)
  await hands.dispatch(start)
  return start
}

const until = (hands: Hands, fits: () => boolean): Promise<void> =>
  new Promise((resolve) => {
    const look = () => {
      if (!fits()) return
      leave()
      resolve()
    }
    const leave = hands.onChange(look)
    look()
  })
