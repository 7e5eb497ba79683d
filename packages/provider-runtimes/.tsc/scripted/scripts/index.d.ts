/** The scripts that ship, by the order in which they are listed to whoever asks for an unknown one. The first is the default. */
import type { Script } from "../Script.ts";
export declare const scripts: ReadonlyArray<Script>;
//# sourceMappingURL=index.d.ts.map