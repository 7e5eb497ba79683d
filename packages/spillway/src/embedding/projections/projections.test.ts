import { expect, it } from "@effect/vitest"
import { embedded, rejection } from "../testing/embedded.ts"
import type { RebuildStep } from "./Projections.ts"

it.live(
  "a service looks after its read models: how far they are, built again, and compared with the log",
  () =>
    embedded(async (spillway) => {
      const thread = await spillway.createThread({ title: "Looked after" })
      expect((await spillway.projections.check())[0]).toMatchObject({ differences: 0 })
      const head = await spillway.head()

      const steps: Array<RebuildStep["phase"]> = []
      const [report] = await spillway.projections.rebuild({ onStep: ({ phase }) => void steps.push(phase) })
      expect(report).toMatchObject({ projection: "threads", position: head })
      expect(new Set(steps)).toEqual(new Set(["threads", "indexes", "events", "switch"]))
      const [stand] = await spillway.projections.status()
      expect(stand).toMatchObject({ generation: report!.generation, behind: 0, failed: null, rebuild: null })

      await spillway.query("update spillway.thread set title = 'Something else'")
      const [differs] = await spillway.projections.check()
      expect(differs).toMatchObject({
        differences: 1,
        named: [{ table: "thread", column: "title", live: "Something else", folded: "Looked after" }]
      })
      await spillway.projections.rebuild({ names: ["threads"] })
      expect((await spillway.projections.check())[0]).toMatchObject({ events: head, differences: 0 })
      expect((await thread.view())?.title).toBe("Looked after")

      expect(await rejection(spillway.projections.rebuild({ names: ["treads"] }))).toMatchObject({
        code: "rebuild-failed",
        message: 'There is no projection "treads": there is "threads".'
      })
      const signal = AbortSignal.abort(new Error("not now"))
      expect(await rejection(spillway.projections.rebuild({ signal }))).toBe(signal.reason)
    })
)
