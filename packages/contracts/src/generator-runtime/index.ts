/** Provider runtimes that are one async generator, in whatever process: what they are given, yield and mean. Nothing of Effect runs here. */
export * from "./GeneratorRuntime.ts"
export { failureOf } from "./failureOf.ts"
export * from "./outputs.ts"
export { type Pulled, PulledGenerator } from "./PulledGenerator.ts"
export { type StepReport, StepReports } from "./StepReports.ts"
