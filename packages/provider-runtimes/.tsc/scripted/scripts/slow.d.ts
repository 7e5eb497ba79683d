import type { Script } from "../Script.ts";
export declare const slow: Script;
//# sourceMappingURL=slow.d.ts.map