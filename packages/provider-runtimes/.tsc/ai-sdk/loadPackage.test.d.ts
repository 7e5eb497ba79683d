export {};
//# sourceMappingURL=loadPackage.test.d.ts.map