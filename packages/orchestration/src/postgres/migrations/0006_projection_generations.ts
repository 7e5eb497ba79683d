/** Projections that are built again beside the ones that serve, and take their place. */
import { projectionGeneration } from "./0006_projection_generations/projection.ts"
import { projectionRebuild } from "./0006_projection_generations/projection_rebuild.ts"

export const projectionGenerations = [...projectionGeneration, projectionRebuild]
