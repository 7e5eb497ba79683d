/** What a redactor owes. */

/** Redacts one part's text as it streams, so that a secret split over deltas is caught. */
export interface RedactorStream {
  /** The text that is safe to be seen now. What may be the beginning of a secret is held back. */
  readonly push: (delta: string) => string
  /** What was held back, redacted. */
  readonly end: () => string
}

export interface RedactorService {
  readonly stream: () => RedactorStream
  readonly text: (value: string) => string
  /** Every string of a JSON value, keys included. */
  readonly json: <A>(value: A) => A
}
