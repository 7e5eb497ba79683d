import { Schema } from "effect";
import type { FlexibleSchema } from "../ai-sdk/sdkTypes.ts";
/** An Effect schema as a tool's input: it checks what the model wrote, and describes it to the model. */
export declare const inputSchema: <A>(schema: Schema.Codec<A, unknown>) => FlexibleSchema<A>;
//# sourceMappingURL=inputSchema.d.ts.map