export {};
//# sourceMappingURL=Tool.js.map