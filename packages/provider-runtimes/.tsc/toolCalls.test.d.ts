export {};
//# sourceMappingURL=toolCalls.test.d.ts.map