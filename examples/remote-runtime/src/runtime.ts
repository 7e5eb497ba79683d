/** Runs the turns of the server beside it: reads a month of the almanac, a line every so often. */
import { setTimeout as wait } from "node:timers/promises"
import { connectRuntime, text } from "@spillway/client/runtime"

const { PORT = "3000", RUNTIME_TOKEN = "change-me" } = process.env

/** Milliseconds. */
const PAUSE = 100

const days = Array.from({ length: 31 }, (_, i) => `${i + 1} March: sow what you like.\n`)

const host = connectRuntime({
  url: `http://127.0.0.1:${PORT}`,
  token: RUNTIME_TOKEN,
  runtimes: {
    almanac: async function* ({ signal }) {
      for (const day of days) {
        yield text(day)
        // A server that is gone stops nothing here.
        await wait(PAUSE, undefined, { signal })
      }
    }
  },
  onStatus: (status) => console.log(status.state)
})

process.once("SIGINT", () => void host.close())
