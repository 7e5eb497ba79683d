const deltaSize = 16;
export const stream = {
    name: "stream",
    about: "`deltas` deltas of `deltaSize` code units, one each `intervalMs`: made for load.",
    pace: { deltaSize, intervalMs: 100 },
    steps: [
        {
            beats: [{ type: "text", text: ({ options }) => streamedText({ deltas: 100, deltaSize, ...options }) }]
        }
    ]
};
/** All that `stream` writes. Each position's text differs from its neighbours', so that a lost or repeated piece shows. */
export const streamedText = (options) => {
    const length = options.deltas * options.deltaSize;
    const words = [];
    let written = 0;
    for (let count = 0; written < length; count++) {
        const word = count % 12 === 11 ? `${count}.\n` : `${count} `;
        words.push(word);
        written += word.length;
    }
    return words.join("").slice(0, length);
};
//# sourceMappingURL=stream.js.map