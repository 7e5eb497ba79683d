/** What some checks need beside npm's packages: a browser, Python. Installed as root on a Debian; elsewhere these checks say that they are left out. */
import { run } from "./run.ts"

/** Installs what is missing. The answer is a sentence on how that went. */
export const installDebianPackages = async (names: ReadonlyArray<string>): Promise<string> => {
  const options = {
    timeoutMinutes: 5,
    quiet: true,
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" }
  }
  const installed = await run("dpkg-query", ["-W", "-f=${Package} ${Status}\n", ...names], options)
  const missing = names.filter((name) => !installed.stdout.includes(`${name} install ok installed`))
  if (missing.length === 0) return `${names.join(", ")} are there.`
  if (process.getuid?.() !== 0) return `${missing.join(", ")} can't be installed: this run is not root's.`
  // A list that is out of date may still do.
  await run("apt-get", ["update", "-q"], options)
  const { code } = await run(
    "apt-get",
    ["install", "-q", "-y", "--no-install-recommends", ...missing],
    options
  )
  return code === 0
    ? `${missing.join(", ")} were installed.`
    : `${missing.join(", ")} could not be installed.`
}
