/** A page of turns from before the ones that a view holds, over HTTP: the websocket tells of a thread's last 50 and of what comes. */
import type { ThreadId, TurnView } from "@spillway/contracts"
import type { Core } from "./Core.ts"
import { OlderTurnsFailed } from "./errors.ts"

/** How long a page may take. Milliseconds. A request that was under way when a machine slept may never be answered. */
const PATIENCE = 30_000

export interface OlderTurns {
  readonly turns: ReadonlyArray<TurnView>
  /** The oldest turn of the page, when there are older ones. */
  readonly next: string | null
}

interface Page {
  readonly before: string
  readonly limit: number
}

export const olderTurns = (core: Core, threadId: ThreadId, page: Page): Promise<OlderTurns> =>
  new Promise((resolve, reject) => {
    const giveUp = core.environment.after(PATIENCE, () =>
      reject(new OlderTurnsFailed("Older turns did not come within 30 seconds: try again."))
    )
    read(core, threadId, page).then(resolve, reject).finally(giveUp)
  })

const read = async (
  { address, environment, token }: Core,
  threadId: ThreadId,
  page: Page
): Promise<OlderTurns> => {
  const query = `limit=${page.limit}&before=${encodeURIComponent(page.before)}`
  try {
    const bearer = typeof token === "function" ? await token() : token
    const answer = await environment.fetch(
      `${address.http}/v1/threads/${encodeURIComponent(threadId)}/turns?${query}`,
      { headers: bearer === undefined ? {} : { authorization: `Bearer ${bearer}` } }
    )
    const body = (await answer.json()) as OlderTurns & { readonly detail?: string }
    if (!answer.ok) throw new OlderTurnsFailed(body.detail ?? `The server answered ${answer.status}.`)
    return body
  } catch (error) {
    if (error instanceof OlderTurnsFailed) throw error
    throw new OlderTurnsFailed(
      `Older turns could not be read from ${address.http}: try again. (${String(error)})`
    )
  }
}
