import { atOnce } from "../Script.js";
export const error = {
    name: "error",
    about: "The provider fails in the middle of a sentence; the turn ends as failed.",
    pace: atOnce,
    steps: [
        {
            beats: [
                { type: "text", text: "This sentence was going well until", breaksOff: true },
                {
                    type: "fail",
                    error: {
                        code: "ProviderOverloaded",
                        message: "The pretended provider is overloaded. Retry the turn, or choose another script.",
                        retryable: true
                    }
                }
            ]
        }
    ]
};
//# sourceMappingURL=error.js.map