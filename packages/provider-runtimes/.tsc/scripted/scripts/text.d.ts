import { type Script } from "../Script.ts";
export declare const text: Script;
//# sourceMappingURL=text.d.ts.map