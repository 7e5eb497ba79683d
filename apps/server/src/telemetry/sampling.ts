/**
 * Which spans leave the process. Those of turns and commands are ours: they come sampled or not, by their trace's id (`TracingSettings`). Of the rest the
 * requests to our doors are of interest, with what happens within them; a query that some background work makes is not.
 */
import { Option, Tracer } from "effect"
import type { Settings } from "../config/readSettings.ts"

/** The share of traces that is exported, from 0 to 1. */
export const ratioOf = ({ OTEL_TRACES_SAMPLER, OTEL_TRACES_SAMPLER_ARG }: Settings): number => {
  if (OTEL_TRACES_SAMPLER.endsWith("always_off")) return 0
  return OTEL_TRACES_SAMPLER.endsWith("traceidratio") ? OTEL_TRACES_SAMPLER_ARG : 1
}

/** @param random gives numbers from 0 to below 1. */
export const sampled = (tracer: Tracer.Tracer, ratio: number, random = Math.random): Tracer.Tracer =>
  Tracer.make({
    context: tracer.context,
    span: (options) =>
      tracer.span(
        Option.isSome(options.parent) || options.name.startsWith("spillway.")
          ? options
          : { ...options, sampled: options.sampled && options.kind === "server" && random() < ratio }
      )
  })
