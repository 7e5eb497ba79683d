import type { ThreadId, TurnId } from "@spillway/contracts"
import { type CommandOrigin, EventLog } from "@spillway/orchestration"
import { Effect } from "effect"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import { messageIdFor, newCommandId, turnIdFor } from "../ids.ts"
import { iterate } from "../iterate.ts"
import type { Idempotent, Thread } from "../Threads.ts"
import { followEvents, followView } from "./followThread.ts"
import { makeTurn } from "./makeTurn.ts"
import { readView, readViewAt } from "./readThread.ts"
import { command } from "./sendCommand.ts"

export const makeThread = (process: EmbeddedProcess, origin: CommandOrigin, threadId: ThreadId): Thread => {
  const thread = { tenant: origin.tenant, threadId }

  const send = (type: string, { commandId = newCommandId() }: Idempotent, fields: object = {}) =>
    command(process, origin, { type, commandId, threadId, ...fields })

  const turn = (turnId: TurnId) => makeTurn(process, origin, thread, turnId)

  /** The turn that took a message which was sent to steer, as the last event of its command tells. */
  const steered = async (version: number): Promise<TurnId | undefined> => {
    const [event] = await process.run(
      Effect.flatMap(EventLog, (log) => log.readThread({ ...thread, afterVersion: version - 1, limit: 1 }))
    )
    return event?.type === "thread.turn-steered" ? event.data.turnId : undefined
  }

  return {
    threadId,
    turn: (turnId) => turn(turnId as TurnId),
    startTurn: async ({
      commandId = newCommandId(),
      mode,
      model,
      options,
      runtime,
      turnId,
      messageId,
      ...rest
    }) => {
      const choice = defined({ runtime, model, options })
      const wanted = turnId ?? turnIdFor(commandId)
      const { version } = await send(
        "thread.turn.start",
        { commandId },
        {
          turnId: wanted,
          messageId: messageId ?? messageIdFor(commandId),
          ...defined({ assistantDeliveryMode: mode, ...rest }),
          ...(Object.keys(choice).length > 0 && { choice })
        }
      )
      return turn((rest.ifBusy === "steer" ? await steered(version) : undefined) ?? (wanted as TurnId))
    },
    respond: (requestId, response, options = {}) =>
      send("thread.request.respond", options, { requestId, response }),
    view: ({ atVersion, ...page } = {}) =>
      atVersion === undefined
        ? process.run(readView(thread, page))
        : process.run(readViewAt(thread, atVersion)),
    views: ({ signal } = {}) => iterate(process, followView(thread), signal),
    events: ({ after = 0, follow = true, signal } = {}) =>
      iterate(process, followEvents(thread, { after, follow }), signal),
    update: ({ metadata, title, ...options }) => send("thread.update", options, defined({ metadata, title })),
    archive: (options = {}) => send("thread.archive", options),
    unarchive: (options = {}) => send("thread.unarchive", options),
    delete: (options = {}) => send("thread.delete", options)
  }
}

/** Without what was left `undefined`, for plain JavaScript says it that way. */
const defined = <A extends object>(fields: A): Partial<A> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<A>
