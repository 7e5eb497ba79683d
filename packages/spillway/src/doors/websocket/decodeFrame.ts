/** Text from a socket into a frame, or into the error that answers it. Pure. */
import { ClientFrame, type ErrorCode, type ServerFrame } from "@spillway/contracts"
import { Result } from "effect"
import { decodeCommand, decodersOf, isRecord } from "../decodeCommand.ts"
import { describeIssue } from "../describeIssue.ts"

export type ErrorFrame = Extract<ServerFrame, { readonly type: "error" }>

export type Decoded =
  | { readonly _tag: "Frame"; readonly frame: ClientFrame }
  /** A frame of a type that this version does not know. */
  | { readonly _tag: "Unknown" }
  | { readonly _tag: "Bad"; readonly error: ErrorFrame }

export const errorFrame = (
  code: ErrorCode,
  message: string,
  more: Omit<Partial<ErrorFrame>, "type" | "code" | "message"> = {}
): ErrorFrame => ({ type: "error", code, message, retryable: false, ...more })

export const decodeFrame = (text: string): Decoded => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return bad("malformed-frame", "The frame is not JSON: send one JSON object per text frame.")
  }
  if (!isRecord(value) || typeof value["type"] !== "string") {
    return bad(
      "malformed-frame",
      "The frame is not an object with a `type`: send one JSON object per text frame."
    )
  }
  const type = value["type"]
  if (!isFrameType(type)) return { _tag: "Unknown" }
  if (type === "command") return decodeCommandFrame(value["command"])
  const decoded = decoders[type](value)
  if (Result.isSuccess(decoded)) return { _tag: "Frame", frame: decoded.success }
  return bad("malformed-frame", describeIssue(decoded.failure.issue, "The frame"), named("id", value["id"]))
}

const decodeCommandFrame = (value: unknown): Decoded => {
  if (!isRecord(value))
    return bad("malformed-frame", "`command` must be an object with `type`, `commandId` and `threadId`.")
  const decoded = decodeCommand(value)
  if (Result.isSuccess(decoded)) {
    return { _tag: "Frame", frame: { type: "command", command: decoded.success } }
  }
  const { code, message } = decoded.failure
  return bad(code, message, named("commandId", value["commandId"]))
}

const decoders = decodersOf<ClientFrame>(ClientFrame.cases)

const isFrameType = (type: string): type is ClientFrame["type"] => Object.hasOwn(decoders, type)

/** What the client called the thing, to be said back to it; left out when it can't be a name. */
const named = (key: "id" | "commandId", value: unknown): Partial<ErrorFrame> =>
  typeof value === "string" && value.length > 0 && value.length <= 256 ? { [key]: value } : {}

const bad = (code: ErrorCode, message: string, more: Partial<ErrorFrame> = {}): Decoded => ({
  _tag: "Bad",
  error: errorFrame(code, message, more)
})
