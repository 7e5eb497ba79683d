/** Text from a host into a frame or a report, or into what is wrong with it. Pure. */
import {
  HostFrame,
  isShallow,
  RuntimeReport,
  type RuntimeErrorCode,
  type RuntimeServerFrameOf
} from "@spillway/contracts/runtime-protocol"
import { Result, Schema } from "effect"
import { decodersOf, isRecord } from "../decodeCommand.ts"
import { describeIssue } from "../describeIssue.ts"

export type RuntimeError = RuntimeServerFrameOf<"error">

export const runtimeError = (
  code: RuntimeErrorCode,
  message: string,
  more: Omit<Partial<RuntimeError>, "type" | "code" | "message"> = {}
): RuntimeError => ({ type: "error", code, message, retryable: false, ...more })

type EventsFrame = Extract<HostFrame, { readonly type: "events" }>

/** `undefined`: a frame of a type that this version does not know. */
export const decodeHostFrame = (text: string): Result.Result<HostFrame | undefined, RuntimeError> =>
  Result.flatMap(jsonObject(text, "The frame"), (value) => {
    if (typeof value["type"] !== "string") return wrong("The frame has no `type`.")
    const type = value["type"]
    if (type === "events") return decodeEvents(value)
    if (!Object.hasOwn(decoders, type)) return Result.succeed(undefined)
    return Result.mapError(decoders[type as HostFrame["type"]](value), ({ issue }) =>
      runtimeError("malformed-frame", describeIssue(issue, "The frame"))
    )
  })

/** One line of NDJSON. */
export const decodeReportLine = (text: string): Result.Result<RuntimeReport, RuntimeError> =>
  Result.flatMap(jsonObject(text, "The line"), (value) => decodeReport(value, "The line"))

/** Each report by its own type, so that what is wrong can be said of the right field. */
const decodeEvents = (value: Readonly<Record<string, unknown>>): Result.Result<EventsFrame, RuntimeError> => {
  const { events } = value
  if (!Array.isArray(events)) return wrong("`events` must be an array of reports.")
  const head = Result.mapError(decodeAddress(value), ({ issue }) =>
    runtimeError("malformed-frame", describeIssue(issue, "The frame"))
  )
  if (Result.isFailure(head)) return Result.fail(head.failure)
  const reports: Array<RuntimeReport> = []
  for (const [i, event] of events.entries()) {
    const name = `\`events.${i}\``
    if (!isRecord(event)) return wrong(`${name} must be an object.`)
    const report = decodeReport(event, name)
    if (Result.isFailure(report)) return Result.fail(report.failure)
    reports.push(report.success)
  }
  return Result.succeed({ type: "events", ...head.success, events: reports })
}

const decodeReport = (
  value: Readonly<Record<string, unknown>>,
  name: string
): Result.Result<RuntimeReport, RuntimeError> => {
  const { type } = value
  if (typeof type !== "string" || !Object.hasOwn(reportDecoders, type)) {
    return wrong(
      `${name} has no \`type\` that there is: use one of ${Object.keys(reportDecoders).join(", ")}.`
    )
  }
  return Result.mapError(reportDecoders[type as RuntimeReport["type"]](value), ({ issue }) =>
    runtimeError("malformed-frame", describeIssue(issue, name))
  )
}

const jsonObject = (
  text: string,
  name: string
): Result.Result<Readonly<Record<string, unknown>>, RuntimeError> => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return wrong(`${name} is not JSON: send one JSON object.`)
  }
  if (!isRecord(value)) return wrong(`${name} is no object: send one JSON object.`)
  if (!isShallow(value)) return wrong(`${name} is nested too deep.`)
  return Result.succeed(value)
}

const wrong = (message: string) => Result.fail(runtimeError("malformed-frame", message))

const decoders = decodersOf<HostFrame>(HostFrame.cases)
const reportDecoders = decodersOf<RuntimeReport>(RuntimeReport.cases)
const { generation, sessionId } = HostFrame.cases.events.fields
const decodeAddress = Schema.decodeUnknownResult(Schema.Struct({ sessionId, generation }))
