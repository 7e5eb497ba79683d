/** What a host is told, as JSON in `process.argv[2]`. */
export interface HostArguments {
  readonly url: string
  readonly token: string
  readonly textLedger: string
}
