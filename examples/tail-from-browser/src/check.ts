import assert from "node:assert/strict"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { chromium, type Page } from "playwright-core"
import { chromiumArguments, findChromium } from "../../checking/chromium.ts"
import { LEFT_OUT } from "../../checking/leftOut.ts"
import { inScratchDirectory, nodeProgram, Program } from "../../checking/Program.ts"

const cwd = join(import.meta.dirname, "..")
/** Pictures go here, if it is set. */
const pictures = process.env.PICTURES

const executablePath = findChromium()
if (executablePath === undefined) {
  console.log("there is no Chromium here: install it, or name it with CHROMIUM")
  process.exit(LEFT_OUT)
}

const shown = (page: Page, role: string) => page.locator(`#messages li.${role}`)
const picture = async (page: Page, name: string) => {
  if (pictures === undefined) return
  mkdirSync(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`) })
}

await inScratchDirectory(async (directory) => {
  const server = new Program(nodeProgram("src/main.ts"), {
    cwd,
    env: { PORT: "0", SPILLWAY_DATA_DIR: directory }
  })
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] })
  try {
    const url = (await server.printed(/Open (\S+) in/))[1]!
    const context = await browser.newContext({ viewport: { width: 1000, height: 640 } })
    const failures: Array<string> = []
    const open = async (path = "") => {
      const page = await context.newPage()
      page.on("pageerror", (error) => failures.push(String(error)))
      await page.goto(`${url}/${path}`)
      await page.getByRole("status").getByText("live").waitFor()
      return page
    }

    const page = await open()
    await page.getByLabel("Message").fill("What is a spillway?")
    await page.getByLabel("Message").press("Enter")
    await shown(page, "user").getByText("What is a spillway?").waitFor()

    // The answer grows while it is written, in one element.
    const answer = shown(page, "assistant")
    await answer.getByText("the wall nor the valley").waitFor()
    assert.match((await answer.getAttribute("class")) ?? "", /open/)
    await picture(page, "writing")

    // A second page comes late, and the first one is loaded anew: both see the text so far, and then the rest.
    const second = await open(new URL(page.url()).hash)
    await page.reload()
    for (const watching of [page, second]) {
      await shown(watching, "assistant").getByText("counted, led, and slowed down").waitFor()
      await watching.locator("#messages li.assistant.completed").waitFor()
      assert.equal(await shown(watching, "user").count(), 1)
      assert.equal(await shown(watching, "assistant").count(), 1)
    }
    const said = await answer.textContent()
    assert.equal(said, await shown(second, "assistant").textContent())
    assert.match(said!, /^You said “What is a spillway\?”\. A spillway lets .* all there is to tell\.$/s)
    assert.equal(said!.split("counted, led").length, 2)

    // What is sent in one page shows in the other, and is stopped from there.
    await page.getByLabel("Message").fill("Again, please")
    await page.getByLabel("Message").press("Enter")
    await shown(second, "user").getByText("Again, please").waitFor()
    await shown(second, "assistant").nth(1).getByText("A spillway").waitFor()
    await second.getByRole("button", { name: "Stop" }).click()
    await page.locator("#messages li.assistant.interrupted").waitFor()
    await picture(page, "stopped")
    await page.emulateMedia({ colorScheme: "dark" })
    await picture(page, "dark")

    // The list of threads follows by itself.
    await page.getByRole("button", { name: "New thread" }).click()
    await page.getByLabel("Message").fill("A second thread")
    await page.getByLabel("Message").press("Enter")
    await second.locator("nav a").nth(1).waitFor()
    assert.deepEqual(failures, [])
    console.log("in Chromium: live, reloaded in mid-answer, watched by two pages, stopped from the other one")
  } finally {
    await browser.close()
    await server.stop()
    await server.kill()
  }
})
