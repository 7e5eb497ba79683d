/** What passes between the harness and a process of the server. */

export interface ServerArguments {
  /** Each is a whole server of its own in the process: its database, where its runtimes' text is written down, what of it is broken. */
  readonly servers: ReadonlyArray<{
    readonly databaseUrl: string
    readonly textLedger: string
    readonly breaks: string | null
  }>
}

/** Once all of them answer: their ports, in the same order. */
export interface ServerReady {
  readonly ports: ReadonlyArray<number>
}
