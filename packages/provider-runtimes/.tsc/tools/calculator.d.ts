import type { Tool } from "./Tool.ts";
export declare const calculator: Tool<{
    readonly expression: string;
}>;
//# sourceMappingURL=calculator.d.ts.map