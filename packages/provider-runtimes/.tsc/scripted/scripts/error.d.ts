import { type Script } from "../Script.ts";
export declare const error: Script;
//# sourceMappingURL=error.d.ts.map