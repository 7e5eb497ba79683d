#!/usr/bin/env node
/**
 * The `spillway` executable. Exit codes: 0 when the command did what it is for, 1 when it did not, 130 when a signal ended it; a server
 * that a signal ended did what it is for. What went wrong is one line on stderr.
 */
import "effect/schema/SchemaJITCompiler/enable"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Console, Effect, Exit, Layer, Runtime } from "effect"
import { CliConfig, CliOutput, Command, GlobalFlag } from "effect/cli"
import { VERSION } from "spillway/constants"
import { spillway } from "./commands/spillway.ts"

/** A wrong invocation is told in a line, on stderr: the help is long, and its place is stdout. */
const layerOutput = CliOutput.layerPresenter({
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Console.error(
          `${event.errors.map((error) => error.message).join("\n")}\nSee ${event.commandPath.join(" ")} --help.`
        )
      : CliOutput.defaultPresenter.present(event)
})

const layerCli = Layer.mergeAll(
  NodeServices.layer,
  layerOutput,
  CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] })
)

const messageOf = (error: unknown): string =>
  typeof error === "object" && error !== null && "message" in error && typeof error.message === "string"
    ? error.message
    : String(error)

const main = Command.runWith(spillway, { version: VERSION, renderErrors: true })(process.argv.slice(2)).pipe(
  Effect.tapCause((cause) => {
    if (Cause.hasInterruptsOnly(cause)) return Effect.void
    const error = Cause.squash(cause)
    if (Cause.hasDies(cause)) return Console.error(`This is a bug of Spillway:\n${Cause.pretty(cause)}`)
    // The help was shown already.
    return messageOf(error) === "Help requested" ? Effect.void : Console.error(messageOf(error))
  }),
  Effect.provide(layerCli)
)

/** Node has a WebSocket of its own from version 22 on. */
if (!("WebSocket" in globalThis)) {
  Object.assign(globalThis, { WebSocket: (await import("@effect/platform-node/NodeWS")).WebSocket })
}

/** Somebody who asks twice means it. Under npm one Ctrl-C arrives twice, within milliseconds. */
let firstSignal: number | undefined
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    firstSignal ??= Date.now()
    if (Date.now() - firstSignal > 500) process.exit(130)
  })
}

NodeRuntime.runMain(main, {
  disableErrorReporting: true,
  teardown: (exit) => {
    const interrupted = Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)
    if (interrupted) process.exit(process.exitCode ?? 130)
    process.exit(Exit.isSuccess(exit) ? 0 : Runtime.getErrorExitCode(Cause.squash(exit.cause)))
  }
})
