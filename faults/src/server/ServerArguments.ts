/** What passes between the harness and a process of the server. */

export interface PlantedBreak {
  readonly name: string
  /** Milliseconds between what should be one moment: time enough for a kill. */
  readonly moment: number
  /** Where in a thread's id alone it holds; `""`: everywhere. */
  readonly within: string
}

export interface ServerArguments {
  /** Each is a whole server of its own in the process: its database, where its runtimes' text is written down, what of it is broken. */
  readonly servers: ReadonlyArray<{
    readonly databaseUrl: string
    readonly textLedger: string
    readonly breaks: PlantedBreak | null
    /** Asked of hosts of remote runtimes; `null`: none is let in. */
    readonly runtimeToken: string | null
  }>
}

/** Once all of them answer: their ports, in the same order. */
export interface ServerReady {
  readonly ports: ReadonlyArray<number>
}
