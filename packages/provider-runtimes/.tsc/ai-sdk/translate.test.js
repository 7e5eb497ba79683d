import { stepIdOf, TurnId } from "@spillway/contracts";
import { describe, expect, it } from "vitest";
import { uniqueToolCallId } from "../ids.js";
import { makeTranslation } from "./translate.js";
const stepId = stepIdOf(TurnId.make("turn-1"), 0);
const translate = (parts, options = {}) => {
    const taken = new Set(options.taken);
    const translation = makeTranslation({
        itemPrefix: "s0",
        nameCall: (id) => uniqueToolCallId(taken, stepId, id),
        openCalls: options.openCalls ?? []
    });
    return { events: parts.flatMap((part) => translation.take(part)), answer: translation.answer };
};
const text = (id, text) => ({ type: "text-delta", id, text });
const delta = (itemId, delta) => ({
    type: "text.delta",
    itemId,
    kind: "text",
    delta
});
const call = (toolCallId, input, more = {}) => ({
    type: "tool-call",
    toolCallId,
    toolName: "look",
    input,
    ...more
});
describe("translate", () => {
    it("R5 takes a text's end behind the beginning of a tool's input", () => {
        const { events } = translate([
            { type: "text-start", id: "txt-0" },
            text("txt-0", "Looking."),
            { type: "tool-input-start", id: "c1", toolName: "look" },
            { type: "tool-input-delta", id: "c1", delta: '{"at":' },
            { type: "text-end", id: "txt-0" },
            { type: "tool-input-delta", id: "c1", delta: "1}" },
            { type: "tool-input-end", id: "c1" },
            call("c1", { at: 1 })
        ]);
        expect(events).toEqual([
            delta("s0.text.txt-0", "Looking."),
            { type: "tool-call.input-delta", toolCallId: "c1", name: "look", delta: '{"at":' },
            { type: "text.completed", itemId: "s0.text.txt-0", kind: "text" },
            { type: "tool-call.input-delta", toolCallId: "c1", name: "look", delta: "1}" },
            { type: "tool-call.started", toolCallId: "c1", name: "look", input: { at: 1 }, providerExecuted: false }
        ]);
    });
    it("begins another text where an id comes again, also when the end of the text before it was lost", () => {
        const { events } = translate([
            text("0", "first"),
            { type: "text-start", id: "0" },
            text("0", "second"),
            { type: "text-end", id: "0" },
            { type: "text-start", id: "0" },
            text("0", "third")
        ]);
        const completed = (itemId) => ({ type: "text.completed", itemId, kind: "text" });
        expect(events).toEqual([
            delta("s0.text.0", "first"),
            completed("s0.text.0"),
            delta("s0.text.0.1", "second"),
            completed("s0.text.0.1"),
            delta("s0.text.0.2", "third")
        ]);
    });
    it("R6 keeps a second message apart that begins inside the first", () => {
        const { events } = translate([
            text("a", "first "),
            text("b", "second "),
            text("a", "goes on"),
            { type: "text-end", id: "a" },
            text("b", "too")
        ]);
        expect(events.map((event) => (event.type === "text.delta" ? [event.itemId, event.delta] : event.type))).toEqual([
            ["s0.text.a", "first "],
            ["s0.text.b", "second "],
            ["s0.text.a", "goes on"],
            "text.completed",
            ["s0.text.b", "too"]
        ]);
    });
    it("keeps text and reasoning apart that share an id", () => {
        const { events } = translate([
            { type: "reasoning-delta", id: "0", text: "hm" },
            text("0", "so"),
            text("0", "")
        ]);
        expect(events).toEqual([
            { type: "text.delta", itemId: "s0.reasoning.0", kind: "reasoning", delta: "hm" },
            delta("s0.text.0", "so")
        ]);
    });
    it("gives calls ids of their own where a provider repeats one, within an answer and over the thread", () => {
        const { answer, events } = translate([
            call("0", {}),
            call("0", { again: true }),
            { type: "tool-input-start", id: "0", toolName: "look" },
            { type: "tool-input-delta", id: "0", delta: "{}" },
            call("0", {}),
            call("with spaces, ü", {})
        ], { taken: ["0"] });
        const ids = answer.calls.map(({ toolCallId }) => toolCallId);
        expect(ids.slice(0, 3)).toEqual(["turn-1#0/0", "turn-1#0/0.1", "turn-1#0/0.2"]);
        expect(ids[3]).toMatch(/^[0-9a-f]{64}$/);
        expect(answer.calls.map(({ providerCallId }) => providerCallId)).toEqual([
            "0",
            "0",
            "0",
            "with spaces, ü"
        ]);
        expect(events.find(({ type }) => type === "tool-call.input-delta")).toMatchObject({ toolCallId: ids[2] });
    });
    it("closes a call that the provider ran with the result that came, in this step or a later one", () => {
        const earlier = {
            toolCallId: "old",
            providerCallId: "srv_0",
            name: "search",
            input: {},
            providerExecuted: true,
            invalid: false,
            closed: false
        };
        const { answer, events } = translate([
            call("srv_1", { q: "dam" }, { providerExecuted: true }),
            {
                type: "tool-result",
                toolCallId: "srv_1",
                toolName: "search",
                input: {},
                output: undefined,
                preliminary: true
            },
            {
                type: "tool-result",
                toolCallId: "srv_1",
                toolName: "search",
                input: {},
                output: { hits: 2n }
            },
            {
                type: "tool-error",
                toolCallId: "srv_0",
                toolName: "search",
                input: {},
                error: { code: "too_many" }
            },
            { type: "tool-result", toolCallId: "unheard-of", toolName: "search", input: {}, output: 1 }
        ], { openCalls: [earlier] });
        expect(events.slice(1)).toEqual([
            { type: "tool-call.completed", toolCallId: "srv_1", status: "completed", result: { hits: "2" } },
            {
                type: "tool-call.completed",
                toolCallId: "old",
                status: "error",
                error: { code: "ToolCallFailed", message: '{"code":"too_many"}' }
            }
        ]);
        expect(answer.calls.map(({ closed }) => closed)).toEqual([true]);
        expect(earlier.closed).toBe(true);
    });
    it("records a call whose input does not fit as it was written, and the SDK's error as its end", () => {
        const { answer, events } = translate([
            call("c1", '{"half', { invalid: true, dynamic: true }),
            {
                type: "tool-error",
                toolCallId: "c1",
                toolName: "look",
                input: '{"half',
                error: "Invalid input for tool look"
            }
        ]);
        expect(events).toEqual([
            { type: "tool-call.started", toolCallId: "c1", name: "look", input: '{"half', providerExecuted: false },
            {
                type: "tool-call.completed",
                toolCallId: "c1",
                status: "error",
                error: { code: "ToolCallFailed", message: "Invalid input for tool look" }
            }
        ]);
        expect(answer.calls).toMatchObject([{ invalid: true, closed: true }]);
    });
    it("R6 keeps the first error of an answer and takes in what follows it", () => {
        const { answer, events } = translate([
            text("0", "before"),
            { type: "error", error: Object.assign(new Error("no JSON"), { name: "AI_JSONParseError" }) },
            text("0", " after"),
            { type: "error", error: new Error("another") }
        ]);
        expect(events).toEqual([delta("s0.text.0", "before"), delta("s0.text.0", " after")]);
        expect(answer.failure?.code).toBe("ProviderSentInvalidData");
        expect(answer.finish).toBeUndefined();
    });
    it("says that a file came which is not kept", () => {
        const { events } = translate([
            { type: "file", file: { mediaType: "image/png", base64: "", uint8Array: new Uint8Array() } }
        ]);
        expect(events).toMatchObject([
            { type: "notice", level: "warning", text: expect.stringContaining("image/png") }
        ]);
    });
});
//# sourceMappingURL=translate.test.js.map