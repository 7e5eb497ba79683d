import { asSchema } from "ai";
import { describe, expect, it } from "vitest";
import { currentTime } from "./currentTime.js";
import { saveNote } from "./saveNote.js";
import { serverTools } from "./serverTools.js";
const context = { toolCallId: "call-1", abortSignal: new AbortController().signal };
const fits = async (schema, input) => (await asSchema(schema).validate(input)).success;
describe("serverTools", () => {
    it("describe their inputs to the model as JSON Schema, and refuse what does not fit", async () => {
        const tools = serverTools();
        expect(tools.map(({ name }) => name)).toEqual(["current_time", "calculator", "save_note"]);
        const inputs = { current_time: {}, calculator: { expression: "1" }, save_note: { text: "x" } };
        for (const { inputSchema, name } of tools) {
            expect(await asSchema(inputSchema).jsonSchema).toMatchObject({ type: "object" });
            expect(await fits(inputSchema, inputs[name])).toBe(true);
            expect(await fits(inputSchema, [])).toBe(false);
        }
        expect(await fits(saveNote().inputSchema, { text: "" })).toBe(false);
    });
    it("ask a person before the one that changes something, and before no other", () => {
        expect(serverTools().flatMap(({ name, needsApproval }) => (needsApproval === true ? [name] : []))).toEqual(["save_note"]);
    });
    it("tell the time of a time zone, and what to do about an unknown one", async () => {
        const { execute } = currentTime(() => Date.UTC(2026, 10, 1, 12));
        await expect(execute({ timeZone: "Asia/Tokyo" }, context)).resolves.toEqual({
            utc: "2026-11-01T12:00:00.000Z",
            timeZone: "Asia/Tokyo",
            local: expect.stringMatching(/^Sunday,? 1 November 2026 .*21:00:00/)
        });
        await expect(execute({ timeZone: "Mars/Olympus" }, context)).rejects.toThrow("Use a name of the IANA database");
    });
    it("keep notes, and so many of them at most", async () => {
        const notes = Array.from({ length: 1_000 }, (_, i) => `${i}`);
        await expect(saveNote(notes).execute({ text: "new" }, context)).resolves.toEqual({
            saved: "new",
            notes: 1_000
        });
        expect([notes[0], notes.at(-1)]).toEqual(["1", "new"]);
    });
});
//# sourceMappingURL=serverTools.test.js.map