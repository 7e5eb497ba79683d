/** The version of every package of this repository: they are released together. */
export const VERSION = "0.1.0"

/** How a server calls itself in `welcome`. */
export const SERVER_NAME = `spillway/${VERSION}`
