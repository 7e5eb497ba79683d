/** Reads every setting from the environment. What is wrong is told in one sentence that names the variable and says what it may be. */
import { Config, Effect, Option } from "effect"
import { type ConfigInvalid, decodeSetting, type Setting, type ValueOf } from "./Setting.ts"
import { type SettingName, settings } from "./settings.ts"

export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof settings)[Name]> }

/** One of them. */
export const readSetting = <Name extends SettingName>(
  name: Name
): Effect.Effect<Settings[Name], ConfigInvalid> =>
  Config.option(Config.String(name)).pipe(
    Effect.orElseSucceed(() => Option.none<string>()),
    Effect.flatMap((text) =>
      decodeSetting(name, settings[name] as Setting<Settings[Name]>, Option.getOrUndefined(text))
    )
  )

/** All of them, in the order of the table: the first that can't be used is told. */
export const readSettings: Effect.Effect<Settings, ConfigInvalid> = Effect.gen(function* () {
  const values: Partial<Record<SettingName, unknown>> = {}
  for (const name of Object.keys(settings) as ReadonlyArray<SettingName>) {
    values[name] = yield* readSetting(name)
  }
  return values as Settings
})
