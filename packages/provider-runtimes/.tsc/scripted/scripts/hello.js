import { atOnce } from "../Script.js";
export const hello = {
    name: "hello",
    about: "Says what the scripted runtime is, and how to get a model.",
    pace: atOnce,
    steps: [
        {
            beats: [
                {
                    type: "text",
                    text: ({ prompt }) => `Hello! You said: “${prompt.length > 200 ? `${prompt.slice(0, 200).toWellFormed()}…` : prompt}”

This is the scripted runtime. It plays transcripts and calls no model, because this turn asked for it or because no model is configured. To talk to a model, start the server with one of these set:

- \`ANTHROPIC_API_KEY\`
- \`OPENAI_API_KEY\`
- \`GOOGLE_GENERATIVE_AI_API_KEY\`
- \`SPILLWAY_MODEL_BASE_URL\` and \`SPILLWAY_MODEL\`, for any server that speaks OpenAI's chat API (Ollama, vLLM, llama.cpp)

Until then, put one of these into a message to see what a turn can do:

- \`[[reasoning]]\` thinks before it answers
- \`[[tools]]\` calls three tools at once
- \`[[approval]]\` asks before it acts
- \`[[question]]\` asks you something
- \`[[retry]]\` and \`[[error]]\` show what happens when a provider stumbles
- \`[[long]]\` writes 40,000 characters, \`[[slow]]\` takes its time, so that you can interrupt it`
                }
            ]
        }
    ]
};
//# sourceMappingURL=hello.js.map