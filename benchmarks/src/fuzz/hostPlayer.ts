/** Plays what a process that runs turns may send: each is answered, or the connection ends with a code that its protocol has. */
import { WebSocket } from "@effect/platform-node/NodeWS"
import {
  RUNTIME_PROTOCOL,
  RUNTIME_WEBSOCKET_PATH,
  RuntimeCloseCode,
  RuntimeServerFrame
} from "@spillway/contracts/runtime-protocol"
import { Exit, Schema } from "effect"
import { RUNTIME_TOKEN } from "../server/ServerUnderTest.ts"
import type { Finding } from "./Finding.ts"
import type { OutFrame } from "./inputs.ts"
import { sendFrame, within } from "./WebsocketPlayer.ts"

const decode = Schema.decodeUnknownExit(RuntimeServerFrame)

/** Those of the protocol, text that is no UTF-8, and too many pieces. */
const CODES: ReadonlySet<number> = new Set([...Object.values(RuntimeCloseCode), 1007, 1008])

const HELLO = JSON.stringify({ type: "hello", protocol: RUNTIME_PROTOCOL, runtimes: [{ name: "fuzz" }] })

export const playHost = async (
  port: number,
  frames: ReadonlyArray<OutFrame>,
  patience: number,
  report: (kind: Finding["kind"], message: string) => void
): Promise<void> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${RUNTIME_WEBSOCKET_PATH}`, {
    perMessageDeflate: false,
    headers: { authorization: `Bearer ${RUNTIME_TOKEN}` }
  })
  socket.on("error", () => {})
  const over = new Promise<number | "pong">((resolve) => {
    socket.once("close", resolve)
    socket.on("message", (data: Buffer) => {
      const text = data.toString("utf8")
      const decoded = decode(JSON.parse(text))
      if (Exit.isFailure(decoded))
        return report("answer", `No frame of the runtimes' protocol: ${text.slice(0, 500)}`)
      const frame = decoded.value
      if (frame.type === "error" && frame.code === "internal") report("failure", text.slice(0, 500))
      if (frame.type === "pong") resolve("pong")
    })
    socket.once("open", () => {
      socket.send(HELLO)
      for (const frame of frames) sendFrame(socket, frame)
      socket.send('{"type":"ping"}')
    })
  })
  const end = await within(over, patience)
  if (end === null) report("silence", "A host's frames got neither an answer nor an end.")
  if (typeof end === "number" && !CODES.has(end)) report("answer", `The host's socket closed with ${end}.`)
  socket.terminate()
}
