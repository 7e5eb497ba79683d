import type { AnyTool } from "./Tool.ts";
/** The tools that a server gives its models: harmless, and enough to see tools and approvals at work. */
export declare const serverTools: () => ReadonlyArray<AnyTool>;
//# sourceMappingURL=serverTools.d.ts.map