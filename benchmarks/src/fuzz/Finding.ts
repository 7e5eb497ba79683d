/** What was not as it should be, and which input showed it. */
export interface Finding {
  readonly kind:
    /** No answer came. */
    | "silence"
    /** The server failed, and said so: `internal`, a 5xx that is no refusal. */
    | "failure"
    /** An answer that the contracts do not have, or another end than the protocol says. */
    | "answer"
    /** The log of the server holds a stack, or something worse than a warning. */
    | "log"
    | "memory"
    | "chain"
    | "text"
    | "turn"
    | "server"
  /** The input's number; `null`: it can't be laid to one. */
  readonly input: number | null
  readonly message: string
}
