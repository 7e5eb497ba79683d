import { Result, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { ClientCommand } from "../commands/ClientCommand.ts"
import { CommandBody } from "./CommandsApi.ts"

const decode = Schema.decodeUnknownResult(CommandBody)
const decodeCommand = Schema.decodeUnknownResult(ClientCommand)

describe("a command's body", () => {
  it("is the command, with or without its id", () => {
    const command = { type: "thread.create", threadId: "t1", title: "A talk" }
    expect(decode({ ...command, commandId: "c1" })).toEqual(decodeCommand({ ...command, commandId: "c1" }))
    expect(decode(command)).toEqual(Result.succeed(command))
    expect(Result.isFailure(decodeCommand(command))).toBe(true)
  })

  it("knows every command, and refuses what the command refuses", () => {
    for (const type of Object.keys(ClientCommand.cases)) {
      expect(Result.isFailure(decode({ type, threadId: "a thread" }))).toBe(true)
      expect(Result.isFailure(decode({ type, threadId: "t".repeat(129) }))).toBe(true)
    }
    expect(Result.isFailure(decode({ type: "thread.erase", threadId: "t1" }))).toBe(true)
  })
})
