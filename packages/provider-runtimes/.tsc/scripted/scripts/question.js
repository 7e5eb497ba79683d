import { atOnce } from "../Script.js";
export const question = {
    name: "question",
    about: "Asks two questions, waits for the answers, and uses them.",
    pace: atOnce,
    steps: [
        {
            beats: [{ type: "text", text: "Before I plan the release I need to know two things." }],
            calls: [
                {
                    id: "ask",
                    name: "ask_person",
                    input: { about: "release" },
                    asks: {
                        kind: "input",
                        title: "Two questions about the release",
                        questions: [
                            { id: "river", question: "Which river?", options: ["Aare", "Reuss"] },
                            { id: "when", question: "When should it begin?" }
                        ]
                    }
                }
            ]
        },
        {
            beats: [
                {
                    type: "text",
                    text: ({ outcomes }) => {
                        const asked = outcomes.get("ask");
                        return `Planned. Your answers: ${asked?.status === "completed" ? JSON.stringify(asked.result) : "none"}.`;
                    }
                }
            ]
        }
    ]
};
//# sourceMappingURL=question.js.map