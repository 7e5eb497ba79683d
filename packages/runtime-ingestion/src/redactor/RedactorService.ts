/** What a redactor owes. */

/** Redacts one part's text as it streams, so that a secret split over deltas is caught. */
export interface RedactorStream {
  /** The text that is safe to be seen now. What may be the beginning of a secret is held back. */
  readonly push: (delta: string) => string
  /** What was held back, redacted. */
  readonly end: () => string
  /**
   * Whether something is held back, or is in the middle of a secret: a new stream would not go on as this one does. Such text does not
   * count as taken in. Where it is absent, no text counts before the next boundary.
   */
  readonly holds?: () => boolean
}

export interface RedactorService {
  readonly stream: () => RedactorStream
  readonly text: (value: string) => string
  /** Every string of a JSON value, keys included. */
  readonly json: <A>(value: A) => A
}
