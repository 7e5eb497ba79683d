import type { Tool } from "./Tool.ts";
interface Input {
    readonly timeZone?: string;
}
/** `now` answers milliseconds since 1970. */
export declare const currentTime: (now?: () => number) => Tool<Input>;
export {};
//# sourceMappingURL=currentTime.d.ts.map