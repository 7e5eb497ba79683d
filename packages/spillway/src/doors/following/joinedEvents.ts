/**
 * The texts of a batch of events, with commas between them, as bytes: joined once for all who are sent the same at about the same time,
 * such as those who come back together and read the log from the same place.
 */

/** Batches that are kept; each is about a frame. */
const KEPT = 8

const recent: Array<{ readonly texts: ReadonlyArray<string>; readonly bytes: Buffer }> = []

/** Events that follow one another without a gap: the first, the last and how many there are tell which they are. */
export const joinedEvents = (texts: ReadonlyArray<string>): Buffer => {
  const known = recent.find(
    ({ texts: others }) =>
      others.length === texts.length && others[0] === texts[0] && others.at(-1) === texts.at(-1)
  )
  if (known !== undefined) return known.bytes
  const bytes = Buffer.from(texts.join(","))
  recent.unshift({ texts, bytes })
  recent.length = Math.min(recent.length, KEPT)
  return bytes
}
