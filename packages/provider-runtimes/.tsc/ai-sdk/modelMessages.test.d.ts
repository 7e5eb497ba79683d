export {};
//# sourceMappingURL=modelMessages.test.d.ts.map