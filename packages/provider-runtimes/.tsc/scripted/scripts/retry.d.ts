import { type Script } from "../Script.ts";
export declare const retry: Script;
//# sourceMappingURL=retry.d.ts.map