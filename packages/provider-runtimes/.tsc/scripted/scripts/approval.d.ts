import { type Script } from "../Script.ts";
export declare const approval: Script;
//# sourceMappingURL=approval.d.ts.map