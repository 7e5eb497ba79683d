/**
 * Evaluates arithmetic: numbers, `+ - * / % ^`, parentheses, constants and functions of one or more arguments. Nothing of
 * JavaScript is reachable from an expression.
 */
/** In UTF-16 code units. */
const MAX_LENGTH = 1_000;
/** Parentheses, signs and powers inside one another. */
const MAX_DEPTH = 100;
const constants = new Map([
    ["pi", Math.PI],
    ["e", Math.E]
]);
const functions = new Map([
    ["min", (...numbers) => Math.min(...numbers)],
    ["max", (...numbers) => Math.max(...numbers)],
    ...["abs", "sqrt", "cbrt", "exp", "log10", "log2", "floor", "ceil", "round", "sin", "cos", "tan"].map((name) => [name, one(name, Math[name])]),
    ["ln", one("ln", Math.log)]
]);
function one(name, of) {
    return (...numbers) => {
        const [number, ...more] = numbers;
        if (number === undefined || more.length > 0)
            throw new Error(`${name} takes one number.`);
        return of(number);
    };
}
/** The value of an expression. Throws an error that says what is wrong with it. */
export const calculate = (expression) => {
    if (expression.length > MAX_LENGTH)
        throw new Error(`An expression has at most ${MAX_LENGTH} characters.`);
    const value = new Parser(tokens(expression)).whole();
    if (!Number.isFinite(value))
        throw new Error("The result is no finite number.");
    return value;
};
const tokens = (expression) => {
    const found = [];
    const token = /\s*(?:(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|[a-z]\w*|[-+*/%^(),])|$)/iy;
    while (token.lastIndex < expression.length) {
        const at = token.lastIndex;
        const match = token.exec(expression);
        if (match === null)
            throw new Error(`"${expression[at + /^\s*/.exec(expression.slice(at))[0].length]}" is not understood.`);
        if (match[1] !== undefined)
            found.push(match[1]);
        else
            break;
    }
    return found;
};
/** Precedence from below: sum, product, sign, power; powers group to the right. */
class Parser {
    tokens;
    at = 0;
    depth = 0;
    constructor(tokens) {
        this.tokens = tokens;
    }
    whole() {
        const value = this.sum();
        if (this.next !== undefined)
            throw new Error(`"${this.next}" is not expected here.`);
        return value;
    }
    get next() {
        return this.tokens[this.at];
    }
    take(...options) {
        return this.next !== undefined && options.includes(this.next) ? this.tokens[this.at++] : undefined;
    }
    expect(token) {
        if (this.take(token) === undefined)
            throw new Error(`"${token}" is missing.`);
    }
    sum() {
        if (++this.depth > MAX_DEPTH)
            throw new Error("The expression is nested too deeply.");
        let value = this.product();
        for (let sign = this.take("+", "-"); sign !== undefined; sign = this.take("+", "-")) {
            value = sign === "+" ? value + this.product() : value - this.product();
        }
        this.depth--;
        return value;
    }
    product() {
        let value = this.signed();
        for (let sign = this.take("*", "/", "%"); sign !== undefined; sign = this.take("*", "/", "%")) {
            const by = this.signed();
            if (sign !== "*" && by === 0)
                throw new Error("Division by zero.");
            value = sign === "*" ? value * by : sign === "/" ? value / by : value % by;
        }
        return value;
    }
    signed() {
        let negative = false;
        for (let sign = this.take("+", "-"); sign !== undefined; sign = this.take("+", "-"))
            negative = negative !== (sign === "-");
        const value = this.power();
        return negative ? -value : value;
    }
    power() {
        const base = this.operand();
        if (this.take("^") === undefined)
            return base;
        if (++this.depth > MAX_DEPTH)
            throw new Error("The expression is nested too deeply.");
        const value = base ** this.signed();
        this.depth--;
        return value;
    }
    operand() {
        if (this.take("(") !== undefined) {
            const value = this.sum();
            this.expect(")");
            return value;
        }
        const token = this.tokens[this.at++];
        if (token === undefined)
            throw new Error("The expression ends too early.");
        if (/^[\d.]/.test(token))
            return Number(token);
        const name = token.toLowerCase();
        const constant = constants.get(name);
        if (constant !== undefined)
            return constant;
        const of = functions.get(name);
        if (of !== undefined)
            return of(...this.numbers());
        throw new Error(/^[a-z]/.test(name)
            ? `"${token}" is unknown. There are ${[...constants.keys(), ...functions.keys()].join(", ")}.`
            : `"${token}" is not expected here.`);
    }
    numbers() {
        this.expect("(");
        const numbers = [this.sum()];
        while (this.take(",") !== undefined)
            numbers.push(this.sum());
        this.expect(")");
        return numbers;
    }
}
//# sourceMappingURL=calculate.js.map