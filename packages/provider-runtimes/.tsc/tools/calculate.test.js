import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calculate } from "./calculate.js";
/** Expressions with their values, each operation in parentheses. */
const expressions = fc.letrec((tie) => ({
    expression: fc.oneof({ maxDepth: 6 }, fc.double({ min: 0, max: 1e6, noNaN: true }).map((value) => ({ text: String(value), value })), fc.tuple(tie("expression"), fc.constantFrom("+", "-", "*"), tie("expression")).map(([a, sign, b]) => ({
        text: `(${a.text} ${sign} ${b.text})`,
        value: sign === "+" ? a.value + b.value : sign === "-" ? a.value - b.value : a.value * b.value
    })), tie("expression").map(({ text, value }) => ({ text: `-abs(${text})`, value: -Math.abs(value) })))
})).expression;
describe("calculate", () => {
    it("gives every expression the value that JavaScript gives it", () => {
        fc.assert(fc.property(expressions, ({ text, value }) => {
            fc.pre(Number.isFinite(value) && text.length <= 1_000);
            expect(calculate(text)).toBe(value);
        }));
    });
    it.each([
        ["1 + 2 * 3", 7],
        ["(1 + 2) * 3", 9],
        ["10 - 4 - 3", 3],
        ["2 ^ 3 ^ 2", 512],
        ["-2 ^ 2", -4],
        ["2 ^ -1", 0.5],
        ["7 % 4 / 2", 1.5],
        ["1.5e3 + .5", 1500.5],
        ["sqrt(16) + max(1, 2, 3) - ln(e)", 6],
        ["2*PI", 2 * Math.PI]
    ])("%s is %d", (expression, value) => {
        expect(calculate(expression)).toBe(value);
    });
    it.each([
        ["", "ends too early"],
        ["1 +", "ends too early"],
        ["(1", '")" is missing'],
        ["1 2", '"2" is not expected'],
        ["* 2", '"*" is not expected'],
        ["1 / 0", "Division by zero"],
        ["9 ^ 9999", "no finite number"],
        ["sqrt(-1)", "no finite number"],
        ["sqrt(1, 2)", "takes one number"],
        ["process", '"process" is unknown'],
        ["constructor(1)", '"constructor" is unknown'],
        ["'a'.length", "not understood"],
        ["(".repeat(500), "nested too deeply"],
        ["2^".repeat(400) + "2", "nested too deeply"],
        ["1+".repeat(600), "at most 1000 characters"]
    ])("refuses %s", (expression, why) => {
        expect(() => calculate(expression)).toThrow(why);
    });
    it("answers or refuses whatever it is given, and never takes long", () => {
        fc.assert(fc.property(fc.string({
            unit: fc.constantFrom(..."0123456789.e+-*/%^(), sqrtminpi".split("")),
            maxLength: 1_000
        }), (text) => {
            try {
                expect(calculate(text)).toBeTypeOf("number");
            }
            catch (error) {
                expect(error.message).not.toBe("");
            }
        }));
    });
});
//# sourceMappingURL=calculate.test.js.map