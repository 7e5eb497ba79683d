/**
 * The types of the AI SDK that our own show to others. `ai` is an optional package: where it is not installed these are `any`, and
 * whoever uses Spillway with other runtimes type-checks all the same, our declarations included.
 */
export {};
//# sourceMappingURL=sdkTypes.js.map