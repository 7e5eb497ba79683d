import { atOnce } from "../Script.js";
export const approval = {
    name: "approval",
    about: "Asks for approval before it runs a tool, and respects the answer.",
    pace: atOnce,
    steps: [
        {
            beats: [{ type: "text", text: "I would open gate 2 by ten percent. That needs your approval." }],
            calls: [
                {
                    id: "open-gate",
                    name: "open_gate",
                    input: { gate: 2, percent: 10 },
                    asks: { kind: "approval", title: "Open gate 2 by 10 percent?" },
                    prints: ["moving…\n"],
                    ends: { status: "completed", result: { gate: 2, opening: "10 %" } }
                }
            ]
        },
        {
            beats: [
                {
                    type: "text",
                    text: ({ outcomes }) => {
                        const outcome = outcomes.get("open-gate");
                        return outcome?.status === "denied"
                            ? `The gate stays as it is. ${outcome.error.message}`
                            : "Gate 2 is open by ten percent now.";
                    }
                }
            ]
        }
    ]
};
//# sourceMappingURL=approval.js.map