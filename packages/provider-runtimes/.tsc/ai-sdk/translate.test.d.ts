export {};
//# sourceMappingURL=translate.test.d.ts.map