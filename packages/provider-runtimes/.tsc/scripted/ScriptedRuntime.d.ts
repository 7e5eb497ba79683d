/**
 * A provider runtime that plays transcripts and calls no model: the default where none is configured, and what demonstrations,
 * tests and load runs use. It goes on from the log after a restart, takes steering messages between steps, and stops at once
 * when it is interrupted.
 */
import type { ProviderRuntime } from "@spillway/runtime-ingestion";
import type { Script } from "./Script.ts";
/** `scripts`: what can be asked for by name; the first one is played where nothing is asked for. */
declare const make: (options?: {
    readonly scripts?: ReadonlyArray<Script>;
}) => ProviderRuntime;
export declare const ScriptedRuntime: {
    readonly make: typeof make;
};
export {};
//# sourceMappingURL=ScriptedRuntime.d.ts.map