/** The AI SDK's packages are optional: who runs models installs them, and they are loaded when a turn first needs them. */
import { RuntimeFailed } from "@spillway/runtime-ingestion"

/** Fails with `RuntimeFailed` that says what to install where the package is not there. */
export const loadPackage = async <Module>(name: string, load: () => Promise<Module>): Promise<Module> => {
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new RuntimeFailed({
      code: "PackageMissing",
      message: `The package ${name} is not installed beside Spillway: npm install ${name}, and start again.`
    })
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND"
