/**
 * Evaluates arithmetic: numbers, `+ - * / % ^`, parentheses, constants and functions of one or more arguments. Nothing of
 * JavaScript is reachable from an expression.
 */
/** The value of an expression. Throws an error that says what is wrong with it. */
export declare const calculate: (expression: string) => number;
//# sourceMappingURL=calculate.d.ts.map