import { createHash } from "node:crypto";
import { RequestId, ToolCallId } from "@spillway/contracts";
const valid = /^[\x21-\x7e]{1,256}$/;
/** `text` where it can be an id; else a digest of it, the same each time. */
const idFrom = (text) => valid.test(text) ? text : createHash("sha256").update(text).digest("hex");
/** The id of a call, from the step that asked for it and a name that is unique in the step. */
export const toolCallIdIn = (stepId, name) => ToolCallId.make(idFrom(`${stepId}/${name}`));
/** The id under which a person is asked about a call; a call asks at most once. */
export const requestIdOf = (stepId, name) => RequestId.make(idFrom(`${stepId}/${name}/request`));
/**
 * Gives calls the ids that their provider gave them, unless one is taken already: some providers count from 0 in each answer, and
 * some repeat an id within one. `taken` grows.
 */
export const uniqueToolCallId = (taken, stepId, providerCallId) => {
    let id = ToolCallId.make(idFrom(providerCallId));
    for (let count = 0; taken.has(id); count++) {
        id = toolCallIdIn(stepId, count === 0 ? providerCallId : `${providerCallId}.${count}`);
    }
    taken.add(id);
    return id;
};
//# sourceMappingURL=ids.js.map