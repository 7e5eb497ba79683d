import { type Script } from "../Script.ts";
export declare const reasoning: Script;
//# sourceMappingURL=reasoning.d.ts.map