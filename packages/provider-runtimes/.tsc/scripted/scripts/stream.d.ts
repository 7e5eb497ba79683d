import type { Script } from "../Script.ts";
export declare const stream: Script;
/** All that `stream` writes. Each position's text differs from its neighbours', so that a lost or repeated piece shows. */
export declare const streamedText: (options: {
    readonly deltas: number;
    readonly deltaSize: number;
}) => string;
//# sourceMappingURL=stream.d.ts.map