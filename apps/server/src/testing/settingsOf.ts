import { ConfigProvider, Effect } from "effect"
import { readSettings } from "../config/readSettings.ts"

/** The settings of an environment that can be used. */
export const settingsOf = (env: Record<string, string> = {}) =>
  readSettings.pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })),
    Effect.orDie
  )
