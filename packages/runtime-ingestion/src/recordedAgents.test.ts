import { layer } from "@effect/vitest"
import { DeliveryMode } from "@spillway/contracts"
import { Effect } from "effect"
import { layerTestIngestion } from "./testing/TestIngestion.ts"
import { ownRecordings } from "./testing/transcripts/own/all.ts"
import { playRecording } from "./testing/transcripts/playRecording.ts"
import { sharedRecordings } from "./testing/transcripts/shared.ts"

layer(layerTestIngestion, { excludeTestServices: true })("transcripts of agents", (it) => {
  for (const recording of [...ownRecordings, ...sharedRecordings]) {
    it.effect(`D7 ${recording.name}: no turn is left open, and no text is lost, in any mode`, () =>
      Effect.gen(function* () {
        for (const mode of DeliveryMode.literals) yield* playRecording(recording, { mode })
      })
    )
  }
})
