/** What `[[long]]` writes unless the turn's options say how many characters. */
const LENGTH = 40_000;
export const long = {
    name: "long",
    about: "40,000 characters of paragraphs, lists, code and characters beyond the basic plane; `characters` sets another length.",
    pace: { deltaSize: 40, intervalMs: 0 },
    steps: [{ beats: [{ type: "text", text: ({ options }) => essay(options.characters ?? LENGTH) }] }]
};
/** Numbered sections until the length is reached; cut exactly there. */
const essay = (length) => {
    const sections = [];
    let written = 0;
    for (let number = 1; written < length; number++) {
        const section = sectionOf(number);
        sections.push(section);
        written += section.length;
    }
    // A pair that the cut parts would leave half a character.
    return sections.join("").slice(0, length).toWellFormed();
};
const sectionOf = (number) => `## Section ${number}

The water stands at mark ${number * 7}, größer als gestern, 水位上昇 🌊. What came in by night goes out by day, and the gauge is read again at the next bell.

- gate ${number}: ${number % 3 === 0 ? "closed" : "open"}
- inflow: ${number * 13} m³/s

\`\`\`ts
const level = gauge.read({ mark: ${number} })

if (level > limit) spillway.open()
\`\`\`

`;
//# sourceMappingURL=long.js.map