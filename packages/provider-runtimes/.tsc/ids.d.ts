import { RequestId, type StepId, ToolCallId } from "@spillway/contracts";
/** The id of a call, from the step that asked for it and a name that is unique in the step. */
export declare const toolCallIdIn: (stepId: StepId, name: string) => ToolCallId;
/** The id under which a person is asked about a call; a call asks at most once. */
export declare const requestIdOf: (stepId: StepId, name: string) => RequestId;
/**
 * Gives calls the ids that their provider gave them, unless one is taken already: some providers count from 0 in each answer, and
 * some repeat an id within one. `taken` grows.
 */
export declare const uniqueToolCallId: (taken: Set<ToolCallId>, stepId: StepId, providerCallId: string) => ToolCallId;
//# sourceMappingURL=ids.d.ts.map