import { Schema } from "effect";
/** An Effect schema as a tool's input: it checks what the model wrote, and describes it to the model. */
export const inputSchema = (schema) => Schema.toStandardSchemaV1(Schema.toStandardJSONSchemaV1(schema));
//# sourceMappingURL=inputSchema.js.map