/** What a turn may say about the script it wants, in `choice.options`. Every number has an end, for they come from clients. */
import { Schema } from "effect";
const between = (minimum, maximum) => Schema.Int.check(Schema.isBetween({ minimum, maximum }));
export const ScriptOptions = Schema.Struct({
    /** The script's name. Wins over a `[[name]]` in the prompt. */
    script: Schema.optionalKey(Schema.String),
    /** How many deltas `stream` and `slow` write. */
    deltas: Schema.optionalKey(between(1, 1_000_000)),
    /** UTF-16 code units of one delta; a surrogate pair is never parted, hence 2. */
    deltaSize: Schema.optionalKey(between(2, 100_000)),
    /** Milliseconds between two deltas. */
    intervalMs: Schema.optionalKey(between(0, 600_000)),
    /** How long the text of `long` is, in UTF-16 code units. */
    characters: Schema.optionalKey(between(1, 10_000_000))
});
//# sourceMappingURL=ScriptOptions.js.map