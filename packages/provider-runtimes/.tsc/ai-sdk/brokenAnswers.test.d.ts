export {};
//# sourceMappingURL=brokenAnswers.test.d.ts.map