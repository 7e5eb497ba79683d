export {};
//# sourceMappingURL=startingHistory.test.d.ts.map