import { atOnce } from "../Script.js";
export const retry = {
    name: "retry",
    about: "The model call breaks off twice, before and after its first words, and is tried again.",
    pace: atOnce,
    steps: [
        {
            beats: [
                { type: "retry", reason: "The provider closed the connection before it answered." },
                { type: "text", text: "The third attempt ", breaksOff: true },
                { type: "retry", reason: "The provider closed the connection in mid-answer." },
                { type: "text", text: "The third attempt is the one that counts." }
            ]
        }
    ]
};
//# sourceMappingURL=retry.js.map