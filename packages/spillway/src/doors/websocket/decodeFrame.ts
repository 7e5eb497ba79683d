/** Text from a socket into a frame, or into the error that answers it. Pure. */
import {
  ClientCommand,
  ClientFrame,
  COMMAND_TEXT_LIMIT,
  type ErrorCode,
  type ServerFrame
} from "@spillway/contracts"
import { Result, Schema } from "effect"
import { describeIssue } from "./describeIssue.ts"

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
  if (type === "command") return decodeCommand(value["command"])
  const decoded = decoders[type](value)
  if (Result.isSuccess(decoded)) return { _tag: "Frame", frame: decoded.success }
  return bad("malformed-frame", describeIssue(decoded.failure.issue), named("id", value["id"]))
}

/** A command is decoded by its type alone, so that what is wrong with it can be said of the right field. */
const decodeCommand = (value: unknown): Decoded => {
  if (!isRecord(value))
    return bad("malformed-frame", "`command` must be an object with `type`, `commandId` and `threadId`.")
  const commandId = named("commandId", value["commandId"])
  const type = value["type"]
  if (typeof type !== "string" || !isCommandType(type)) {
    const said =
      typeof type === "string" ? `There is no command ${quoted(type)}` : "`command.type` is missing"
    return bad(
      "command-invalid",
      `${said}: use one of ${Object.keys(commandDecoders).join(", ")}.`,
      commandId
    )
  }
  const { text } = value
  if (typeof text === "string" && text.length > COMMAND_TEXT_LIMIT) {
    return bad(
      "text-too-long",
      `The text is ${text.length} characters long and the limit is ${COMMAND_TEXT_LIMIT}: send less, or split it over several messages.`,
      commandId
    )
  }
  const decoded = commandDecoders[type](value)
  if (Result.isSuccess(decoded)) {
    return { _tag: "Frame", frame: { type: "command", command: decoded.success } }
  }
  return bad("command-invalid", describeIssue(decoded.failure.issue), commandId)
}

/** One decoder for each member of a tagged union. */
const decodersOf = <A extends { readonly type: string }>(cases: Record<A["type"], unknown>) =>
  Object.fromEntries(
    Object.entries(cases).map(([type, member]) => [
      type,
      Schema.decodeUnknownResult(member as Schema.Codec<A, unknown>)
    ])
  ) as Record<A["type"], (value: unknown) => Result.Result<A, Schema.SchemaError>>

const decoders = decodersOf<ClientFrame>(ClientFrame.cases)
const commandDecoders = decodersOf<ClientCommand>(ClientCommand.cases)

const isFrameType = (type: string): type is ClientFrame["type"] => Object.hasOwn(decoders, type)
const isCommandType = (type: string): type is ClientCommand["type"] => Object.hasOwn(commandDecoders, type)
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** What the client called the thing, to be said back to it; left out when it can't be a name. */
const named = (key: "id" | "commandId", value: unknown): Partial<ErrorFrame> =>
  typeof value === "string" && value.length > 0 && value.length <= 256 ? { [key]: value } : {}

const quoted = (type: string) => JSON.stringify(type.length > 60 ? `${type.slice(0, 60)}…` : type)

const bad = (code: ErrorCode, message: string, more: Partial<ErrorFrame> = {}): Decoded => ({
  _tag: "Bad",
  error: errorFrame(code, message, more)
})
