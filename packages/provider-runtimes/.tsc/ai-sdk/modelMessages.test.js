import { describe, expect, it } from "vitest";
import { modelMessages } from "./modelMessages.js";
const id = (id) => id;
const user = (text) => ({ role: "user", text });
const assistant = (parts, more = {}) => ({ role: "assistant", parts, toolResults: [], cutOff: false, ...more });
const call = (toolCallId, input = {}, providerExecuted = false) => ({ type: "tool-call", toolCallId: id(toolCallId), name: "look", input, providerExecuted });
describe("modelMessages", () => {
    it("takes system texts to the front, behind the runtime's own", () => {
        const { instructions, messages } = modelMessages([
            { role: "system", text: "Be brief." },
            user("Hi"),
            { role: "system", text: "Be kind." },
            user("Well?")
        ], "You are Spillway.");
        expect(instructions).toBe("You are Spillway.\n\nBe brief.\n\nBe kind.");
        expect(messages).toEqual([
            { role: "user", content: "Hi" },
            { role: "user", content: "Well?" }
        ]);
    });
    it("gives the model something to answer where a system text alone asked for the turn", () => {
        expect(modelMessages([{ role: "system", text: "Greet." }])).toEqual({
            instructions: "Greet.",
            messages: [{ role: "user", content: "Go on." }]
        });
        expect(modelMessages([user("Hi"), assistant([{ type: "text", text: "Hello." }])]).messages.at(-1)?.role).toBe("user");
    });
    it("leaves out reasoning, and what providers ran themselves", () => {
        const { messages } = modelMessages([
            user("Hi"),
            assistant([
                { type: "reasoning", text: "hm" },
                call("srv", {}, true),
                { type: "text", text: "Found it." }
            ]),
            assistant([{ type: "reasoning", text: "only this" }]),
            user("Thanks")
        ]);
        expect(messages[1]).toEqual({ role: "assistant", content: [{ type: "text", text: "Found it." }] });
        expect(messages).toHaveLength(3);
    });
    it("numbers calls anew, and follows them with their results in call order, whatever their outcome", () => {
        const result = { name: "look", result: null, error: null };
        const { messages } = modelMessages([
            user("Hi"),
            assistant([call("turn-1#0/a b"), call("b"), call("c"), call("d", '{"half'), call("e")], {
                toolResults: [
                    { ...result, toolCallId: id("c"), status: "denied", error: "Denied: not now" },
                    { ...result, toolCallId: id("b"), status: "error", error: "Interrupted" },
                    { ...result, toolCallId: id("turn-1#0/a b"), status: "completed", result: { n: 1 } },
                    { ...result, toolCallId: id("d"), status: "completed", result: "printed" }
                ]
            }),
            assistant([call("f")], { toolResults: [{ ...result, toolCallId: id("f"), status: "completed" }] })
        ]);
        const numbers = ["past00001", "past00002", "past00003", "past00004", "past00005"];
        const said = messages[1]?.content;
        expect(said.map(({ toolCallId }) => toolCallId)).toEqual(numbers);
        expect(said[3]?.input).toEqual({});
        const told = messages[2]?.content;
        expect(told.map(({ toolCallId }) => toolCallId)).toEqual(numbers);
        expect(told.map(({ output }) => output)).toEqual([
            { type: "json", value: { n: 1 } },
            { type: "error-text", value: "Interrupted" },
            { type: "execution-denied", reason: "Denied: not now" },
            { type: "text", value: "printed" },
            { type: "error-text", value: "The call has no result." }
        ]);
        expect(JSON.stringify(messages[4])).toContain("past00006");
    });
    it("marks an answer that was cut off, behind its text and before its calls", () => {
        const { messages } = modelMessages([
            user("Hi"),
            assistant([{ type: "text", text: "I was about to" }, call("a")], { cutOff: true }),
            user("Go on")
        ]);
        expect(messages[1]?.content).toMatchObject([
            { text: "I was about to" },
            { text: "[This answer was cut off before its end.]" },
            { type: "tool-call" }
        ]);
    });
});
//# sourceMappingURL=modelMessages.test.js.map