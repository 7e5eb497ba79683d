/** The JSON of frames. */
import type { ServerFrame } from "@spillway/contracts"

/** A frame that counts against credit, put together from the texts of what it holds. */
export const batchText = (
  type: "events" | "live" | "threads",
  seq: number,
  id: string,
  texts: ReadonlyArray<string>
): string => {
  const list = type === "events" ? "events" : type === "live" ? "frames" : "threads"
  return `{"type":"${type}","seq":${seq},"id":${JSON.stringify(id)},"${list}":[${texts.join(",")}]}`
}

export const serverFrameText = (frame: ServerFrame): string => JSON.stringify(frame)
