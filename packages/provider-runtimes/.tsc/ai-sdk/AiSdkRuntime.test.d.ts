export {};
//# sourceMappingURL=AiSdkRuntime.test.d.ts.map