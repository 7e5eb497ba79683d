/** The JSON of frames. */
import type { ServerFrame } from "@spillway/contracts"
import { joinedEvents } from "../following/joinedEvents.ts"

/** A frame that counts against credit, put together from the texts of what it holds. */
export const batchText = (
  type: "events" | "live" | "threads",
  seq: number,
  id: string,
  texts: ReadonlyArray<string>
): string | Buffer => {
  const head = `{"type":"${type}","seq":${seq},"id":${JSON.stringify(id)},`
  if (type === "live") return `${head}"frames":[${texts.join(",")}]}`
  if (type === "threads") return `${head}"threads":[${texts.join(",")}]}`
  return Buffer.concat([Buffer.from(`${head}"events":[`), joinedEvents(texts), END])
}

const END = Buffer.from("]}")

export const serverFrameText = (frame: ServerFrame): string => JSON.stringify(frame)
