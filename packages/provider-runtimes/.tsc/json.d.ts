import type { Schema } from "effect";
/** The value as the log can hold it. What JSON has no word for becomes `null`; what can't be written becomes its description. */
export declare const asJson: (value: unknown) => Schema.Json;
//# sourceMappingURL=json.d.ts.map