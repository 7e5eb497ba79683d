import type { Script } from "../Script.ts";
export declare const long: Script;
//# sourceMappingURL=long.d.ts.map