import { atOnce } from "../Script.js";
export const text = {
    name: "text",
    about: "A plain answer with Markdown in it.",
    pace: atOnce,
    steps: [
        {
            beats: [
                {
                    type: "text",
                    text: `A spillway lets water past a dam in a controlled way, so that the dam itself is never overtopped.

Three kinds are common:

1. **Chute**: an open channel down the side.
2. **Shaft**: a vertical drop, shaped like a bell.
3. **Siphon**: starts by itself once the water stands high enough.

\`\`\`text
reservoir ~~~~~~\\
                 \\____ river
\`\`\`

Größe, 水位 and 🌊 arrive unharmed.`
                }
            ]
        }
    ]
};
//# sourceMappingURL=text.js.map