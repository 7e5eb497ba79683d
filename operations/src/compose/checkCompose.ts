/**
 * `npm run --silent compose-check`: what `docker-compose.yml` owes, and, where there is a Docker Compose to ask, whether it takes the file,
 * with each of its profiles. That needs no Docker daemon.
 */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { debianTool } from "../running/debianTool.ts"
import { hold, progress, runMain } from "../running/runMain.ts"
import { complaintsAbout, profilesOf, readCompose } from "./complaints.ts"

const REQUIRED = { SPILLWAY_TOKEN: "a-token", POSTGRES_PASSWORD: "a-password" }

type Run = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>>
) => { code: number | null; said: string }

const runner =
  (program: string, ...first: ReadonlyArray<string>): Run =>
  (args, env) => {
    const { PATH = "", HOME = "" } = process.env
    const ran = spawnSync(program, [...first, ...args], { encoding: "utf8", env: { PATH, HOME, ...env } })
    return { code: ran.status, said: `${ran.stdout ?? ""}${ran.stderr ?? ""}` }
  }

/** As Docker's plugin, or the same program by itself. The first that understands this file's format: version 2 and later. */
const findCompose = (): { readonly run: Run; readonly version: string } | undefined => {
  const standalone = debianTool("docker-compose", {
    package: "docker-compose",
    path: "usr/libexec/docker/cli-plugins/docker-compose"
  })
  const runs = [runner("docker", "compose"), ...(standalone === undefined ? [] : [runner(standalone)])]
  for (const run of runs) {
    const { code, said } = run(["version", "--short"], {})
    const version = said.trim()
    if (code === 0 && /^v?[2-9]|^v?\d\d/.test(version)) return { run, version }
  }
  return undefined
}

const check = Effect.gen(function* () {
  const compose = readCompose()
  const complaints = complaintsAbout(compose)
  yield* hold(complaints.length === 0, complaints.join("\n"))

  const profiles = profilesOf(compose)
  const found = findCompose()
  if (found === undefined) {
    progress(
      "There is no Docker Compose here, and Debian offers none: the file was checked by its own rules alone."
    )
    return { ok: true, services: Object.keys(compose.services).length, profiles, dockerCompose: null }
  }
  for (const chosen of [[], ...profiles.map((profile) => [profile]), profiles]) {
    const flags = chosen.flatMap((profile) => ["--profile", profile])
    const { code, said } = found.run([...flags, "config", "--quiet"], REQUIRED)
    yield* hold(code === 0, `docker compose ${flags.join(" ")} config: ${said}`)
  }
  for (const name of Object.keys(REQUIRED)) {
    const { [name as keyof typeof REQUIRED]: _, ...others } = REQUIRED
    const { code, said } = found.run(["config", "--quiet"], others)
    yield* hold(code !== 0 && said.includes(name), `Without ${name} the file should say so: ${said}`)
  }
  return {
    ok: true,
    services: Object.keys(compose.services).length,
    profiles,
    dockerCompose: found.version
  }
})

runMain(check)
