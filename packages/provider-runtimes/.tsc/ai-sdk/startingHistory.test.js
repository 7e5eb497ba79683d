import { MessageId, modelHistory, emptyThreadView, ThreadId, ToolCallId } from "@spillway/contracts";
import { describe, expect, it } from "vitest";
import { turnInput } from "../testing/turnInput.js";
import { openCalls, startingHistory, withOutcomes } from "./startingHistory.js";
const stepId = "turn-1#0";
const id = (id) => ToolCallId.make(id);
/** A step that said a word and asked for calls, of which `done` is closed. */
const recorded = [
    { type: "step.opened", stepId, model: null, steering: [] },
    { type: "text.delta", itemId: "0", kind: "text", delta: "Word." },
    { type: "tool-call.started", toolCallId: id("done"), name: "look", input: {} },
    { type: "tool-call.started", toolCallId: id("mine"), name: "save", input: { text: "x" } },
    { type: "tool-call.started", toolCallId: id("theirs"), name: "search", input: {}, providerExecuted: true },
    { type: "step.finished", finishReason: "tool-calls" },
    { type: "tool-call.completed", toolCallId: id("done"), status: "completed", result: 1 }
];
/** The input with a steering message behind all that was said. */
const steered = (input) => {
    const asking = input.turn.messages[0];
    const steering = {
        ...asking,
        messageId: MessageId.make("steering"),
        parts: asking.parts.map((part) => ({ ...part, text: "Hurry." }))
    };
    const turn = { ...input.turn, messages: [...input.turn.messages, steering] };
    return {
        ...input,
        turn,
        history: modelHistory({ ...emptyThreadView(ThreadId.make("thread-1")), turns: [turn] })
    };
};
describe("startingHistory", () => {
    it("D8 leaves a steering message that no step has taken to the next step, which brings it along", () => {
        for (const input of [turnInput({ prompt: "Go" }), turnInput({ prompt: "Go", recorded })]) {
            const waiting = steered(input);
            expect(waiting.history.at(-1)).toEqual({ role: "user", text: "Hurry." });
            expect(startingHistory(waiting)).toEqual(input.history);
            expect(startingHistory(input)).toEqual(input.history);
        }
    });
    it("finds the calls that are still to be run, and those that can't be any more", () => {
        const input = turnInput({ prompt: "Go", recorded });
        const { lost, runnable } = openCalls(input);
        expect(runnable.map(({ toolCallId }) => toolCallId)).toEqual(["mine"]);
        expect(lost.map(({ toolCallId }) => toolCallId)).toEqual(["theirs"]);
        const cut = input.turn.messages.map((message) => ({
            ...message,
            parts: message.parts.map((part) => part.type === "tool-call" ? { ...part, inputTruncated: true } : part)
        }));
        expect(openCalls({ ...input, turn: { ...input.turn, messages: cut } }).runnable).toEqual([]);
    });
    it("adds outcomes to the answer that asked for them, beside those that the log holds", () => {
        const { history } = turnInput({ prompt: "Go", recorded });
        const [, answer] = withOutcomes(history, [
            {
                toolCallId: id("mine"),
                outcome: { status: "denied", error: { code: "ToolCallDenied", message: "No." } }
            }
        ]);
        expect(answer).toMatchObject({
            toolResults: [
                { toolCallId: "done", status: "completed", result: 1 },
                { toolCallId: "mine", name: "save", status: "denied", result: null, error: "No." }
            ]
        });
    });
});
//# sourceMappingURL=startingHistory.test.js.map