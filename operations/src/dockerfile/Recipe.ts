/**
 * A Dockerfile as a list of steps that can be carried out one by one. It is read with a parser made for Dockerfiles and held to the little
 * that ours uses: whatever else is in it is an error here, so that nothing is passed over.
 */
import {
  DockerfileParser,
  type Instruction,
  type JSONInstruction,
  type ModifiableInstruction,
  type PropertyInstruction
} from "dockerfile-ast"
import { validate } from "dockerfile-utils"

export type Step =
  | { readonly do: "workdir"; readonly path: string }
  | {
      readonly do: "copy"
      readonly from: string | undefined
      readonly sources: ReadonlyArray<string>
      readonly to: string
    }
  | { readonly do: "run"; readonly script: string }
  | { readonly do: "arg" | "env"; readonly name: string; readonly value: string }
  | { readonly do: "label"; readonly name: string; readonly value: string }
  | { readonly do: "user"; readonly user: string }
  | { readonly do: "expose"; readonly port: string }
  | { readonly do: "stop-signal"; readonly signal: string }
  | {
      readonly do: "healthcheck"
      readonly command: ReadonlyArray<string>
      readonly options: Readonly<Record<string, string>>
    }
  | { readonly do: "entrypoint" | "cmd"; readonly command: ReadonlyArray<string> }

export interface Stage {
  readonly image: string
  readonly name: string | undefined
  readonly steps: ReadonlyArray<Step>
}

export const readRecipe = (text: string): ReadonlyArray<Stage> => {
  const complaints = validate(text)
  if (complaints.length > 0) {
    throw new Error(
      complaints
        .map(({ message, range }) => `Dockerfile, line ${range.start.line + 1}: ${JSON.stringify(message)}`)
        .join("\n")
    )
  }
  const stages: Array<{ image: string; name: string | undefined; steps: Array<Step> }> = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    const words = instruction.getArguments().map((argument) => argument.getValue())
    if (instruction.getKeyword() === "FROM") {
      const [image, as, name, ...rest] = words
      if (image === undefined || rest.length > 0 || (as !== undefined && as.toUpperCase() !== "AS")) {
        throw notUnderstood(instruction)
      }
      stages.push({ image, name, steps: [] })
    } else {
      const stage = stages.at(-1)
      if (stage === undefined) throw notUnderstood(instruction)
      stage.steps.push(...stepsOf(instruction, words))
    }
  }
  return stages
}

const stepsOf = (instruction: Instruction, words: ReadonlyArray<string>): ReadonlyArray<Step> => {
  switch (instruction.getKeyword()) {
    case "WORKDIR":
      return [{ do: "workdir", path: words[0]! }]
    case "COPY": {
      const { from, ...others } = flagsOf(instruction)
      if (Object.keys(others).length > 0 || words.length < 2) throw notUnderstood(instruction)
      return [{ do: "copy", from, sources: words.slice(0, -1), to: words.at(-1)! }]
    }
    case "RUN":
      return [{ do: "run", script: scriptOf(instruction) }]
    case "ARG":
    case "ENV":
    case "LABEL": {
      const kind = instruction.getKeyword().toLowerCase() as "arg" | "env" | "label"
      return pairsOf(instruction).map(([name, value]) => ({ do: kind, name, value }))
    }
    case "USER":
      return [{ do: "user", user: words[0]! }]
    case "EXPOSE":
      return words.map((port) => ({ do: "expose", port }))
    case "STOPSIGNAL":
      return [{ do: "stop-signal", signal: words[0]! }]
    case "HEALTHCHECK":
      if (words[0]?.toUpperCase() !== "CMD") throw notUnderstood(instruction)
      return [
        {
          do: "healthcheck",
          command: jsonOf(words.slice(1).join(" "), instruction),
          options: flagsOf(instruction)
        }
      ]
    case "ENTRYPOINT":
    case "CMD": {
      const kind = instruction.getKeyword().toLowerCase() as "entrypoint" | "cmd"
      return [{ do: kind, command: execForm(instruction as JSONInstruction) }]
    }
    default:
      throw notUnderstood(instruction)
  }
}

const notUnderstood = (instruction: Instruction): Error =>
  new Error(
    `Dockerfile, line ${instruction.getRange().start.line + 1}: this is more than is understood here: ${instruction.toString()}`
  )

const flagsOf = (instruction: Instruction): Readonly<Record<string, string>> =>
  Object.fromEntries(
    (instruction as ModifiableInstruction).getFlags().map((flag) => [flag.getName(), flag.getValue() ?? ""])
  )

/** Without its flags: a cache mount makes it faster and nothing else. */
const scriptOf = (instruction: Instruction): string => {
  const flags = (instruction as ModifiableInstruction).getFlags()
  if (flags.some((flag) => flag.getName() !== "mount" || !flag.getValue()?.startsWith("type=cache,"))) {
    throw notUnderstood(instruction)
  }
  const text = instruction.getArgumentsContent() ?? ""
  return text.replace(/^(--mount=\S+\s+)*/, "")
}

const pairsOf = (instruction: Instruction): ReadonlyArray<readonly [name: string, value: string]> =>
  (instruction as PropertyInstruction).getProperties().map((property) => {
    const value = property.getValue()
    if (value === null) throw notUnderstood(instruction)
    return [property.getName(), value]
  })

/** Without it a shell would be process 1, and signals would end there. */
const execForm = (instruction: JSONInstruction): ReadonlyArray<string> => {
  const words = instruction.getJSONStrings().map((word) => word.getJSONValue())
  if (words.length === 0) throw notUnderstood(instruction)
  return words
}

const jsonOf = (text: string, instruction: Instruction): ReadonlyArray<string> => {
  try {
    return JSON.parse(text) as ReadonlyArray<string>
  } catch {
    throw notUnderstood(instruction)
  }
}
