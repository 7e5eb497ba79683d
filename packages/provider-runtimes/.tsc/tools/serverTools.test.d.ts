export {};
//# sourceMappingURL=serverTools.test.d.ts.map