export {};
//# sourceMappingURL=calculate.test.d.ts.map