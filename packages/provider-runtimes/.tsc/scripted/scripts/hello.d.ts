import { type Script } from "../Script.ts";
export declare const hello: Script;
//# sourceMappingURL=hello.d.ts.map