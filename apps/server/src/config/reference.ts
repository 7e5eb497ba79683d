/** The settings as people read them: the reference in `docs/`, `.env.example`, and the help of `serve`. All three from one table. */
import { groups, type SettingName, settings } from "./settings.ts"
import type { Setting } from "./Setting.ts"

const settingOf = (name: SettingName): Setting => settings[name]

const defaultOf = ({ default: text, otherwise }: Setting, quote: string): string =>
  text !== null && text !== "" ? `${quote}${text}${quote}` : (otherwise ?? "")

const rewritten = "Written by `npm run docs` from `apps/server/src/config/settings.ts`"

const table = (names: ReadonlyArray<SettingName>): string =>
  [
    "| variable | default | meaning | example |",
    "| --- | --- | --- | --- |",
    ...names.map((name) => {
      const setting = settingOf(name)
      const secret = setting.secret ? " A secret: it is never logged." : ""
      const cells = [
        `\`${name}\``,
        defaultOf(setting, "`"),
        `${setting.about}${secret}`,
        `\`${setting.example}\``
      ]
      return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`
    })
  ].join("\n")

const introduction: Record<(typeof groups)[number]["for"], string> = {
  server: "",
  "command line":
    "`spillway turn`, `respond`, `interrupt` and `log` read these, and SPILLWAY_PORT and SPILLWAY_TOKEN.",
  development: "For work on Spillway itself; no server reads them."
}

/** `docs/configuration.md`. */
export const configurationPage = (): string =>
  [
    "# Configuration",
    "",
    `<!-- ${rewritten}. -->`,
    "",
    "Spillway takes its settings from the environment, and from nothing else. A variable that is set to nothing counts as not",
    "set. What can't be used is one line on stderr that names the variable and says what it must be, and exit code 1. A",
    "`SPILLWAY_*` that is none of these gets a warning in the log with the nearest name that is one.",
    "",
    "`spillway serve --help` lists them, too. [.env.example](../.env.example) has them all, to be copied.",
    ...groups.flatMap((group) => [
      "",
      `## ${group.title}`,
      "",
      ...(introduction[group.for] === "" ? [] : [introduction[group.for], ""]),
      table(group.names)
    ]),
    ""
  ].join("\n")

/** `.env.example`: each line commented out, so that a copy changes nothing until somebody says something. */
export const environmentExample = (): string =>
  [
    "# The settings of Spillway, each with its default or an example. Copy this file to .env, take the # away where you want",
    "# another value, and start the server with it:",
    "#",
    "#   docker compose up        reads .env by itself",
    "#   systemd                  EnvironmentFile=/etc/spillway/spillway.env",
    "#   a shell                  set -a; . ./.env; set +a; npm start",
    "#",
    `# ${rewritten.replaceAll("`", "")}; docs/configuration.md says more.`,
    ...groups
      .filter((group) => group.for !== "development")
      .flatMap((group) => [
        "",
        `# ── ${group.title} ${"─".repeat(Math.max(2, 110 - group.title.length))}`,
        ...group.names.flatMap((name) => {
          const setting = settingOf(name)
          const value = setting.default ?? setting.example
          return ["", ...wrapped(setting.about, 116).map((line) => `# ${line}`), `#${name}=${quoted(value)}`]
        })
      ]),
    ""
  ].join("\n")

/** A shell, systemd and Docker Compose read these alike. */
const quoted = (value: string): string => (/^[\w@%+=:,./-]*$/.test(value) ? value : `"${value}"`)

/** For `spillway serve --help`. */
export const settingsHelp = (width = 100): string =>
  groups
    .filter((group) => group.for === "server")
    .map((group) =>
      [
        `${group.title}:`,
        ...group.names.flatMap((name) => {
          const setting = settingOf(name)
          const otherwise = defaultOf(setting, "")
          const about = `${setting.about}${otherwise === "" ? "" : ` Default: ${otherwise}.`}`
          return [`  ${name}`, ...wrapped(about, width - 6).map((line) => `      ${line}`)]
        })
      ].join("\n")
    )
    .join("\n\n")

const wrapped = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
