export {};
//# sourceMappingURL=wholeTurns.test.d.ts.map