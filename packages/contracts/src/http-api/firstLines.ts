/** The first lines that somebody types: a thread, a turn, and what became of it. `{server}` stands for the server's address. */
import * as examples from "./examples.ts"

const send = (key: string, command: object): string =>
  [
    "curl -s {server}/v1/commands \\",
    `  -H 'Content-Type: application/json' -H 'Idempotency-Key: ${key}' \\`,
    `  -d '${JSON.stringify(command)}'`
  ].join("\n")

export const firstLines: ReadonlyArray<string> = [
  send("c1", examples.threadCreate),
  send("c2", examples.turnStart),
  "curl -s {server}/v1/threads/t1/view",
  "curl -sN {server}/v1/threads/t1/events -H 'Accept: text/event-stream'"
]
