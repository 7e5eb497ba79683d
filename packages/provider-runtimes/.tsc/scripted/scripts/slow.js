import { streamedText } from "./stream.js";
export const slow = {
    name: "slow",
    about: "Ten seconds of text, four deltas a second; `deltas` and `intervalMs` set another duration.",
    pace: { deltaSize: 16, intervalMs: 250 },
    steps: [
        {
            beats: [
                { type: "text", text: ({ options }) => streamedText({ deltas: 40, deltaSize: 16, ...options }) }
            ]
        }
    ]
};
//# sourceMappingURL=slow.js.map