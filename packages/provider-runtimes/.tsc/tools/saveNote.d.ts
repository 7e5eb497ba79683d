import type { Tool } from "./Tool.ts";
/** Keeps notes in `notes`, for as long as the process lives. The one of our tools that changes something, so a person is asked. */
export declare const saveNote: (notes?: Array<string>) => Tool<{
    readonly text: string;
}>;
//# sourceMappingURL=saveNote.d.ts.map