/**
 * The types of the AI SDK that our own show to others. `ai` is an optional package: where it is not installed these are `any`, and
 * whoever uses Spillway with other runtimes type-checks all the same, our declarations included.
 */

/** @ts-ignore -- `ai` may not be installed where this is read. */
export type AiSdkModel = Exclude<import("ai").LanguageModel, string>

/** @ts-ignore -- `ai` may not be installed where this is read. */
export type FlexibleSchema<Input> = import("ai").FlexibleSchema<Input>
