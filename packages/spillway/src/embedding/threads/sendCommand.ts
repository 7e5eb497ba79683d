/** A service's command, checked, dispatched, and its receipt. */
import type { Receipt } from "@spillway/contracts"
import type { CommandOrigin } from "@spillway/orchestration"
import { Effect, Result } from "effect"
import { decodeCommand } from "../../doors/decodeCommand.ts"
import { dispatchCommand } from "../../doors/dispatchCommand.ts"
import type { EmbeddedProcess } from "../EmbeddedProcess.ts"
import { type AcceptedReceipt, CommandRejected, SpillwayError } from "../SpillwayError.ts"

/** Answers that may have been lost on the way: sent again, the command has one effect. */
const ATTEMPTS = 3

/** A receipt, or a rejection with it. */
export const sendCommand = (
  process: EmbeddedProcess,
  origin: CommandOrigin,
  command: object
): Promise<Receipt> =>
  process.run(
    Effect.gen(function* () {
      const decoded = decodeCommand({ ...command })
      if (Result.isFailure(decoded)) {
        const { code, message } = decoded.failure
        return yield* Effect.fail(new SpillwayError(code, message))
      }
      return yield* dispatchCommand(origin, decoded.success).pipe(
        Effect.retry({ times: ATTEMPTS - 1, while: ({ code }) => code === "outcome-unknown" })
      )
    })
  )

/** The same, for calls in which a refusal is an exception. */
export const command = async (
  process: EmbeddedProcess,
  origin: CommandOrigin,
  body: object
): Promise<AcceptedReceipt> => {
  const receipt = await sendCommand(process, origin, body)
  if (receipt.status === "rejected") throw new CommandRejected(receipt)
  return receipt
}
