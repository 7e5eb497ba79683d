import { asJson } from "../json.js";
import { failureOf } from "./failure.js";
import { usageOf } from "./usage.js";
export const makeTranslation = (options) => {
    /** Calls whose input is still being written. */
    const coming = new Map();
    /** Texts that are being written, and those that have ended, by the SDK's ids. */
    const open = new Set();
    const ended = new Map();
    const calls = [];
    const approvals = [];
    const answer = {
        calls,
        approvals,
        finish: undefined,
        failure: undefined
    };
    /** The call that a result belongs to: the last of that id, for ids repeat. */
    const callOf = (providerCallId) => [...options.openCalls, ...calls].findLast((call) => call.providerCallId === providerCallId);
    /** An id that comes again names another text. The SDK sees to that itself, but for answers in which a text's beginning is missing. */
    const text = (kind, id) => {
        const key = `${kind}.${id}`;
        const before = ended.get(key) ?? 0;
        return { key, item: { itemId: `${options.itemPrefix}.${key}${before === 0 ? "" : `.${before}`}`, kind } };
    };
    const endText = (kind, id) => {
        const { item, key } = text(kind, id);
        if (!open.delete(key))
            return [];
        ended.set(key, (ended.get(key) ?? 0) + 1);
        return [{ type: "text.completed", ...item }];
    };
    const close = (providerCallId, outcome) => {
        const call = callOf(providerCallId);
        if (call === undefined)
            return [];
        call.closed = true;
        return [{ type: "tool-call.completed", toolCallId: call.toolCallId, ...outcome }];
    };
    const fail = (error) => {
        answer.failure ??= failureOf(error);
    };
    const take = (part) => {
        switch (part.type) {
            case "text-start":
            case "text-end":
                return endText("text", part.id);
            case "reasoning-start":
            case "reasoning-end":
                return endText("reasoning", part.id);
            case "text-delta":
            case "reasoning-delta": {
                if (part.text === "")
                    return [];
                const { item, key } = text(part.type === "text-delta" ? "text" : "reasoning", part.id);
                open.add(key);
                return [{ type: "text.delta", ...item, delta: part.text }];
            }
            case "tool-input-start":
                coming.set(part.id, { toolCallId: options.nameCall(part.id), name: part.toolName });
                return [];
            case "tool-input-delta": {
                const call = coming.get(part.id);
                if (call === undefined || part.delta === "")
                    return [];
                return [{ type: "tool-call.input-delta", ...call, delta: part.delta }];
            }
            case "tool-call": {
                const call = {
                    toolCallId: coming.get(part.toolCallId)?.toolCallId ?? options.nameCall(part.toolCallId),
                    providerCallId: part.toolCallId,
                    name: part.toolName,
                    input: part.input,
                    providerExecuted: part.providerExecuted === true,
                    invalid: part.invalid === true,
                    closed: false
                };
                coming.delete(part.toolCallId);
                calls.push(call);
                const { name, providerExecuted, toolCallId } = call;
                return [{ type: "tool-call.started", toolCallId, name, input: asJson(part.input), providerExecuted }];
            }
            case "tool-result":
                return part.preliminary === true
                    ? []
                    : close(part.toolCallId, { status: "completed", result: asJson(part.output) });
            case "tool-error":
                return close(part.toolCallId, { status: "error", error: toolFailure(part.error) });
            case "tool-approval-request": {
                const call = callOf(part.toolCall.toolCallId);
                if (call !== undefined)
                    approvals.push({ approvalId: part.approvalId, call });
                return [];
            }
            case "file":
            case "reasoning-file":
                return [
                    {
                        type: "notice",
                        level: "warning",
                        text: `The model gave a file (${part.file.mediaType}). Files are not kept.`
                    }
                ];
            case "error":
                fail(part.error);
                return [];
            case "finish-step":
                answer.finish = { reason: part.finishReason, raw: part.rawFinishReason, usage: usageOf(part.usage) };
                return [];
            default:
                return [];
        }
    };
    return { take, fail, answer };
};
const toolFailure = (error) => ({
    code: "ToolCallFailed",
    message: error instanceof Error ? error.message : typeof error === "string" ? error : JSON.stringify(asJson(error))
});
//# sourceMappingURL=translate.js.map