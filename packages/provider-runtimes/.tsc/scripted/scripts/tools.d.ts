import { type Script } from "../Script.ts";
export declare const tools: Script;
//# sourceMappingURL=tools.d.ts.map