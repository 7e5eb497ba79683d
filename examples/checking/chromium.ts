/** A real Chromium, where this machine has one. */
import { existsSync } from "node:fs"

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]

/** Its path; `undefined` where there is none. `CHROMIUM` names one that stands elsewhere. */
export const findChromium = (): string | undefined =>
  [process.env.CHROMIUM, ...places].find((path) => path !== undefined && path !== "" && existsSync(path))

/** As root Chromium refuses its sandbox, and in a container there is little shared memory. */
export const chromiumArguments: ReadonlyArray<string> = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-dev-shm-usage"
]
