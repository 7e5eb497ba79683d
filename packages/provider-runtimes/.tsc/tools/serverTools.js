import { calculator } from "./calculator.js";
import { currentTime } from "./currentTime.js";
import { saveNote } from "./saveNote.js";
/** The tools that a server gives its models: harmless, and enough to see tools and approvals at work. */
export const serverTools = () => [currentTime(), calculator, saveNote()];
//# sourceMappingURL=serverTools.js.map