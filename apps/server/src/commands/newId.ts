import { randomBytes } from "node:crypto"

/** An id that nobody else gives: `turn-1c5b09a3d2f84e7b`. */
export const newId = (what: string): string => `${what}-${randomBytes(8).toString("hex")}`
