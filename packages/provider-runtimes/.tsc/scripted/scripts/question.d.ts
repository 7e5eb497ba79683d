import { type Script } from "../Script.ts";
export declare const question: Script;
//# sourceMappingURL=question.d.ts.map