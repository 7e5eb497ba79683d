import { atOnce } from "../Script.js";
export const reasoning = {
    name: "reasoning",
    about: "Thinks before it answers, and once more in between.",
    pace: atOnce,
    steps: [
        {
            beats: [
                {
                    type: "reasoning",
                    text: "The question is whether 97 is prime. Its square root is below 10, so 2, 3, 5 and 7 are enough to try."
                },
                { type: "text", text: "Let me check whether 97 is prime. " },
                {
                    type: "reasoning",
                    text: "97 is odd, 9 + 7 = 16 is no multiple of 3, it does not end in 0 or 5, and 7 · 13 = 91 leaves 6."
                },
                { type: "text", text: "It is: no prime up to its square root divides it." }
            ]
        }
    ]
};
//# sourceMappingURL=reasoning.js.map