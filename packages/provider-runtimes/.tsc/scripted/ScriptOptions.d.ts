/** What a turn may say about the script it wants, in `choice.options`. Every number has an end, for they come from clients. */
import { Schema } from "effect";
export declare const ScriptOptions: Schema.Struct<{
    /** The script's name. Wins over a `[[name]]` in the prompt. */
    readonly script: Schema.optionalKey<Schema.String>;
    /** How many deltas `stream` and `slow` write. */
    readonly deltas: Schema.optionalKey<Schema.Int>;
    /** UTF-16 code units of one delta; a surrogate pair is never parted, hence 2. */
    readonly deltaSize: Schema.optionalKey<Schema.Int>;
    /** Milliseconds between two deltas. */
    readonly intervalMs: Schema.optionalKey<Schema.Int>;
    /** How long the text of `long` is, in UTF-16 code units. */
    readonly characters: Schema.optionalKey<Schema.Int>;
}>;
export type ScriptOptions = typeof ScriptOptions.Type;
//# sourceMappingURL=ScriptOptions.d.ts.map