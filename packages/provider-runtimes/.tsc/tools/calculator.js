import { Schema } from "effect";
import { calculate } from "./calculate.js";
import { inputSchema } from "./inputSchema.js";
export const calculator = {
    name: "calculator",
    description: "Evaluates arithmetic exactly as written: + - * / % ^, parentheses, pi, e, and functions such as sqrt, ln, sin, min and max.",
    inputSchema: inputSchema(Schema.Struct({ expression: Schema.String.annotate({ description: "For example (2 + 3) * sqrt(16)" }) })),
    execute: async ({ expression }) => ({ expression, value: calculate(expression) })
};
//# sourceMappingURL=calculator.js.map