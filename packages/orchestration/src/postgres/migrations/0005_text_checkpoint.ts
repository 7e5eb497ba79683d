/** Text that no event holds yet, so that a crash loses little of it. */
import { checkpointText } from "./0005_text_checkpoint/checkpoint_text.ts"
import { textCheckpoint as table } from "./0005_text_checkpoint/text_checkpoint.ts"

export const textCheckpoint = [table, checkpointText]
