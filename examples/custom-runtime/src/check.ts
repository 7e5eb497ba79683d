import assert from "node:assert/strict"
import { join } from "node:path"
import { createSpillway, type Thread, timeline, type ThreadView, TurnInterrupted } from "spillway"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"
import { type Garden, gardener } from "./gardener.ts"

const cwd = join(import.meta.dirname, "..")

/** The first view that the condition holds for. */
const viewWhere = async (thread: Thread, holds: (view: ThreadView) => boolean): Promise<ThreadView> => {
  for await (const view of thread.views()) if (holds(view)) return view
  throw new Error("the views ended")
}

const requestsOf = (view: ThreadView) => view.turns.flatMap(({ requests }) => requests)

const said = (view: ThreadView): string =>
  timeline(view)
    .filter(({ role }) => role === "assistant")
    .flatMap(({ parts }) => parts)
    .map((part) => (part.type === "text" ? part.text : ""))
    .join("")

const withGarden = async (
  directory: string,
  garden: Garden,
  use: (thread: () => Promise<Thread>) => Promise<void>
): Promise<void> => {
  await using spillway = await createSpillway({ database: { directory }, runtimes: [gardener(garden)] })
  await use(() => spillway.createThread())
}

await inScratchDirectory(async (directory) => {
  // As a person would run it: without an answer it waits, and Ctrl-C is no way to lose the question.
  const program = new Program([...nodeProgram("src/main.ts"), "south"], {
    cwd,
    env: { SPILLWAY_DATA_DIR: directory }
  })
  await program.printed(/moist enough \(210 ml per litre\)[^]*The turn completed/)
  assert.equal(await program.ended(), 0, program.output)

  const watered: Array<string> = []
  await withGarden(
    directory,
    {
      moisture: async (bed, signal) => {
        if (bed === "north") return 90
        // A gauge that never answers: only the signal ends the wait.
        return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)))
      },
      water: async (bed) => void watered.push(bed)
    },
    async (newThread) => {
      for (const decision of ["approve", "deny"] as const) {
        const thread = await newThread()
        const turn = await thread.startTurn({ text: "How is the north bed?", mode: "streaming" })
        const view = await viewWhere(thread, (view) => requestsOf(view).length === 1)
        const [request] = requestsOf(view)
        assert.equal(request!.title, "Water the north bed for 30 seconds?")
        await thread.respond(request!.requestId, { type: "approval", decision })
        await turn.completed
        const ended = await thread.view()
        assert.match(
          said(ended),
          decision === "approve" ? /It has been watered\.$/ : /I leave the water off\.$/
        )
        assert.equal(ended.turns[0]!.steps.length, 3)
      }
      assert.deepEqual(watered, ["north"])

      const thread = await newThread()
      const turn = await thread.startTurn({ text: "And the south bed?" })
      await viewWhere(
        thread,
        ({ turns }) => turns[0]?.messages.some(({ parts }) => parts.length > 1) === true
      )
      await turn.interrupt()
      await assert.rejects(turn.completed, TurnInterrupted)
      const [call] = (await thread.view()).turns[0]!.messages.flatMap(({ parts }) => parts).filter(
        (part) => part.type === "tool-call"
      )
      assert.equal(call?.status, "error")
    }
  )

  await withGarden(
    directory,
    {
      moisture: async () => {
        throw new Error("the gauge is frozen")
      },
      water: async () => assert.fail("nobody asked for water")
    },
    async (newThread) => {
      const thread = await newThread()
      await (
        await thread.startTurn({ text: "How is the north bed?" })
      ).completed
      assert.match(said(await thread.view()), /can't read the gauge/)
    }
  )
  console.log("answers, asks before it waters, stops when told to, and lives with a broken gauge")
})
