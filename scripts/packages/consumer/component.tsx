// A component in TypeScript. Type-checked without Node's types, not run.
import { connect } from "@spillway/client"
import { SpillwayProvider, useThread } from "@spillway/client/react"

const client = connect({ url: "/" })

const Chat = ({ id }: { readonly id: string }) => {
  const { messages, thread } = useThread(id)
  return (
    <button onClick={() => void thread.send("How high is it?").accepted}>
      {messages.map(({ messageId, parts }) => (
        <p key={messageId}>{parts.map((part) => (part.type === "text" ? part.text : part.type)).join("")}</p>
      ))}
    </button>
  )
}

export const app = (
  <SpillwayProvider client={client}>
    <Chat id="t1" />
  </SpillwayProvider>
)
