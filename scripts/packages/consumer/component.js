// A component in plain JavaScript, rendered on a server.
import assert from "node:assert/strict"
import { connect } from "@spillway/client"
import { SpillwayProvider, useThread } from "@spillway/client/react"
import { createElement } from "react"
import { renderToString } from "react-dom/server"

const client = connect({ url: "http://127.0.0.1", WebSocket: class {} })
const Chat = () => createElement("p", null, useThread("t1").status)

assert.equal(
  renderToString(createElement(SpillwayProvider, { client }, createElement(Chat))),
  "<p>loading</p>"
)
client.close()
console.log("rendered")
