export {};
//# sourceMappingURL=toolSteps.test.d.ts.map