// A page in TypeScript that follows a thread. Type-checked without Node's types, not run.
import { connect, type Thread, type ThreadState, timeline } from "@spillway/client"

/** Where a declaration does not resolve, everything is `any` and fits everything: this is what notices. */
type Known<T> = 0 extends 1 & T ? never : T

const client = connect({ url: "/", token: async () => "secret", deliveryMode: "streaming" })
const thread: Known<Thread> = client.thread("t1")

const show = (): void => {
  const state: Known<ThreadState> = thread.state
  document.title = `${timeline(thread.view).length} of ${thread.view.title ?? "a thread"}, ${JSON.stringify(state).length}`
}

export const stop = thread.subscribe(show)

document.querySelector("form")?.addEventListener("submit", () => {
  const { accepted, turnId } = thread.send("How high is it?", { mode: "streaming" })
  // @ts-expect-error -- there are three modes
  thread.send("How high is it?", { mode: "stream" })
  void accepted.then(({ version }) => version.toFixed())
  void thread.ended(turnId).then(({ status }) => status.toUpperCase())
})
