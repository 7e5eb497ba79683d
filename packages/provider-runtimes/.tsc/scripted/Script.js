/** As a model on a fast line writes: no pauses. */
export const atOnce = { deltaSize: 12, intervalMs: 0 };
//# sourceMappingURL=Script.js.map