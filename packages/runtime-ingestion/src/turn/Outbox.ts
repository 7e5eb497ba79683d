/** What a turn wants committed next, in order, and the live frames that may be seen once it is. */
import type { Activity, LiveFrame, RuntimeCommand } from "@spillway/contracts"

export class Outbox {
  private commands: Array<RuntimeCommand> = []
  private frames: Array<Omit<LiveFrame, "afterVersion">> = []
  private version: number

  /** @param version the thread's version that frames follow until the first commit. */
  constructor(version: number) {
    this.version = version
  }

  push(...commands: ReadonlyArray<RuntimeCommand>): void {
    this.commands.push(...commands)
  }

  show(frame: Omit<LiveFrame, "afterVersion">): void {
    this.frames.push(frame)
  }

  /** What is to be committed. The same until `confirm`, but for what was added behind it. */
  pending(): ReadonlyArray<RuntimeCommand> {
    return this.commands
  }

  /** The first `commands` are committed; the thread is at `version`. */
  confirm(commands: number, version: number): void {
    this.commands = this.commands.slice(commands)
    this.version = version
  }

  /** Puts a remark in the place of one command: the engine refuses it, and its neighbours are not to suffer. */
  refuse(index: number, reason: string): void {
    const refused = this.commands[index]
    if (refused === undefined) return
    const activity: Activity = { type: "event-refused", eventType: refused.type, reason }
    const remark = refused.type === "thread.activity.record" ? [] : [activityOf(activity)]
    this.commands.splice(index, 1, ...remark)
  }

  /** Frames whose place has come: what they follow is committed. */
  takeFrames(): ReadonlyArray<LiveFrame> {
    const frames = this.frames
    this.frames = []
    return frames.map((frame) => this.placed(frame))
  }

  placed(frame: Omit<LiveFrame, "afterVersion">): LiveFrame {
    return { ...frame, afterVersion: this.version }
  }
}

export const activityOf = (activity: Activity): RuntimeCommand => ({
  type: "thread.activity.record",
  activity
})
