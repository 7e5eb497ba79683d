/**
 * A host of one runtime, `remote`, in a process of its own, over the harness's network. It types as the typist does, half of it in a second
 * step, and asks for approval between them where `asks` is true. What it hands over is written down here. It ends with its channel.
 */
import { connectRuntime, type RuntimeTurn, text } from "@spillway/client/runtime"
import { pieces } from "@spillway/contracts"
import { streamedText } from "@spillway/provider-runtimes"
import { TextLedger } from "../ledger/TextLedger.ts"
import type { HostArguments } from "./HostArguments.ts"

process.once("disconnect", () => process.exit(0))

const { textLedger, token, url } = JSON.parse(process.argv[2]!) as HostArguments
const ledger = new TextLedger(textLedger)

interface Options {
  readonly deltas: number
  readonly deltaSize: number
  readonly intervalMs: number
  readonly asks?: boolean
}

const type = async function* (turn: RuntimeTurn) {
  const call = ledger.call(turn.turnId)
  const { asks = false, deltas, deltaSize, intervalMs } = turn.choice.options as unknown as Options
  try {
    const typed = pieces(streamedText({ deltas, deltaSize }), deltaSize)
    for (const [i, delta] of typed.entries()) {
      const item = i < typed.length / 2 ? "0" : "1"
      const offer = ledger.offer(call, { item, text: delta })
      yield text(delta)
      ledger.write({ type: "taken", call, offer })
      await new Promise((resolve) => setTimeout(resolve, intervalMs))
      if (i + 1 < typed.length / 2 || i + 1 >= typed.length / 2 + 1) continue
      if (asks) await turn.ask({ kind: "approval", title: "Type on?" })
      await turn.nextStep()
    }
  } finally {
    ledger.write({ type: "return", call })
  }
}

connectRuntime({ url, token, runtimes: { remote: type } })
