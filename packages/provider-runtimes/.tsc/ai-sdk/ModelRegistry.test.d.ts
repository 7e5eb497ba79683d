export {};
//# sourceMappingURL=ModelRegistry.test.d.ts.map