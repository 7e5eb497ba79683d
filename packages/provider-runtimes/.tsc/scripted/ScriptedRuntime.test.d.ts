export {};
//# sourceMappingURL=ScriptedRuntime.test.d.ts.map