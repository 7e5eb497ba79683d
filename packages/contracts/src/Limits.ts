/** Sizes that both sides of every door rely on. Text is measured in UTF-16 code units, frames in bytes. */

/** A buffer that grows past this is flushed whole: 24,000 waits for the close, 24,001 spills. */
export const SPILL_LIMIT = 24_000

/** In `streaming`, a durable segment is cut once it holds this many code units … */
export const STREAMING_SEGMENT_LIMIT = 2_000

/** … or once its oldest text is this many milliseconds old. */
export const STREAMING_SEGMENT_AGE = 2_000

/** In `paragraph`, segments are cut at least this many milliseconds apart. */
export const PARAGRAPH_INTERVAL = 400

/** The most bytes of JSON that one event's data may hold; larger text becomes consecutive segments of one commit. */
export const EVENT_DATA_LIMIT = 256 * 1024

/**
 * The most code units of one segment. JSON writes a code unit as at most 6 bytes, three of UTF-8 in the usual case; this
 * keeps the worst case, with the addresses beside it, below EVENT_DATA_LIMIT.
 */
export const SEGMENT_LIMIT = 40_000

/** A tool's result, as JSON, is kept up to this many code units and marked truncated beyond. */
export const TOOL_RESULT_LIMIT = 40_000

/** What a tool streams while it runs is kept up to this many code units and marked truncated beyond. */
export const TOOL_OUTPUT_LIMIT = 400_000

/** The longest text a client may send in one command: a message is one event, and most text takes at most 3 bytes a unit. */
export const COMMAND_TEXT_LIMIT = 80_000

/** How deep JSON of a client may be nested. */
export const JSON_DEPTH_LIMIT = 64

/** The largest frame a client may send, in bytes. */
export const FRAME_LIMIT = 1024 * 1024

/** Characters of a message that are searched, from its beginning; a word of more than 254 is not. */
export const SEARCHED_TEXT_LIMIT = 100_000

/** What a search asks for is read up to this many code units … */
export const SEARCH_QUERY_LIMIT = 1_000

/** … and this many words and phrases. */
export const SEARCH_TERM_LIMIT = 32
