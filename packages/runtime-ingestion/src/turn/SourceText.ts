import { createHash, type Hash } from "node:crypto"

/** Remembers a streamed text by its length and hash, to compare it with the text that the runtime gives at the end. */
export class SourceText {
  length = 0
  private readonly hash: Hash = createHash("sha256")

  push(delta: string): void {
    this.length += delta.length
    // UTF-16 code units as they are: a pair that is split over two deltas hashes as one that is not.
    this.hash.update(delta, "utf16le")
  }

  matches(text: string): boolean {
    return (
      text.length === this.length &&
      this.hash.copy().digest("hex") === createHash("sha256").update(text, "utf16le").digest("hex")
    )
  }
}
