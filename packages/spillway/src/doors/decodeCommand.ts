/** What a client sends as a command, into the command or into what is wrong with it. Pure. */
import { ClientCommand, COMMAND_TEXT_LIMIT } from "@spillway/contracts"
import { Result, Schema } from "effect"
import { describeIssue } from "./describeIssue.ts"

export interface CommandInvalid {
  readonly code: "command-invalid" | "text-too-long"
  /** A sentence that says what to send instead. */
  readonly message: string
}

/** A command is decoded by its type alone, so that what is wrong with it can be said of the right field. */
export const decodeCommand = (
  value: Readonly<Record<string, unknown>>
): Result.Result<ClientCommand, CommandInvalid> => {
  const { text, type } = value
  if (typeof type !== "string" || !isCommandType(type)) {
    const said =
      typeof type === "string" ? `There is no command ${quoted(type)}` : "The command has no `type`"
    return invalid("command-invalid", `${said}: use one of ${Object.keys(decoders).join(", ")}.`)
  }
  if (typeof text === "string" && text.length > COMMAND_TEXT_LIMIT) {
    return invalid(
      "text-too-long",
      `The text is ${text.length} characters long and the limit is ${COMMAND_TEXT_LIMIT}: send less, or split it over several messages.`
    )
  }
  return Result.mapError(decoders[type](value), ({ issue }) => ({
    code: "command-invalid",
    message: describeIssue(issue, "The command")
  }))
}

/** One decoder for each member of a tagged union. */
export const decodersOf = <A extends { readonly type: string }>(cases: Record<A["type"], unknown>) =>
  Object.fromEntries(
    Object.entries(cases).map(([type, member]) => [
      type,
      Schema.decodeUnknownResult(member as Schema.Codec<A, unknown>)
    ])
  ) as Record<A["type"], (value: unknown) => Result.Result<A, Schema.SchemaError>>

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const decoders = decodersOf<ClientCommand>(ClientCommand.cases)

const isCommandType = (type: string): type is ClientCommand["type"] => Object.hasOwn(decoders, type)

const quoted = (type: string) => JSON.stringify(type.length > 60 ? `${type.slice(0, 60)}…` : type)

const invalid = (code: CommandInvalid["code"], message: string) => Result.fail({ code, message })
