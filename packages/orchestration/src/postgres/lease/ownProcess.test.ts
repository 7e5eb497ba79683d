import { afterAll, expect, it } from "vitest"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { isGone, ownProcess } from "./ownProcess.ts"

const program = `
  const { ownProcess } = await import(${JSON.stringify(new URL("ownProcess.ts", import.meta.url).href)})
  console.log(ownProcess())
  setInterval(() => {}, 1e6)`
const other = spawn(process.execPath, ["--no-warnings", "--input-type=module", "-e", program], {
  stdio: ["ignore", "pipe", "inherit"]
})
afterAll(() => void other.kill("SIGKILL"))

it("a process is gone once it was killed, and not before", async () => {
  const [said] = (await once(other.stdout, "data")) as [Buffer]
  const named = said.toString().trim()
  if (process.platform !== "linux") return expect(named).toBe("null")
  expect(isGone(named)).toBe(false)
  other.kill("SIGKILL")
  await once(other, "exit")
  expect(isGone(named)).toBe(true)
})

it("what can't be seen is not judged", () => {
  const own = ownProcess()
  if (own === null) return
  expect(isGone(own)).toBe(false)
  const fields = own.split(" ")
  expect(isGone(fields.with(4, "1").join(" "))).toBe(true)
  expect(isGone(fields.with(0, "elsewhere").with(3, "4194304").join(" "))).toBe(false)
  expect(isGone(fields.with(1, "another-boot").with(3, "4194304").join(" "))).toBe(false)
  expect(isGone(fields.with(2, "pid:[1]").with(3, "4194304").join(" "))).toBe(false)
  expect(isGone("")).toBe(false)
})
