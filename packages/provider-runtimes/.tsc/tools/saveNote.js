import { Schema } from "effect";
import { inputSchema } from "./inputSchema.js";
/** Notes are kept in memory: so many, and the oldest goes first. */
const NOTES = 1_000;
/** In UTF-16 code units. */
const NOTE_LENGTH = 4_000;
/** Keeps notes in `notes`, for as long as the process lives. The one of our tools that changes something, so a person is asked. */
export const saveNote = (notes = []) => ({
    name: "save_note",
    description: "Keeps a note for as long as the server runs. A person has to approve it.",
    inputSchema: inputSchema(Schema.Struct({ text: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(NOTE_LENGTH)) })),
    needsApproval: true,
    execute: async ({ text }) => {
        notes.push(text);
        if (notes.length > NOTES)
            notes.shift();
        return { saved: text, notes: notes.length };
    }
});
//# sourceMappingURL=saveNote.js.map