/** Says what went wrong with a model call, so that a person knows what to do, without repeating a secret. */
import type { Failure } from "@spillway/contracts";
/** Errors of the AI SDK are told by their names: theirs come from more than one copy and realm. */
export declare const failureOf: (error: unknown) => Failure;
//# sourceMappingURL=failure.d.ts.map