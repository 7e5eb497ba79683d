/** A model provider on loopback, for tests: it speaks OpenAI's chat API, and does with each request what the test says. */
import { createServer } from "node:http";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Effect } from "effect";
/** `answer` is called once a request is complete; `onBytes` when its first bytes arrive at the socket. */
export const fakeProvider = Effect.fnUntraced(function* (options) {
    const requests = [];
    const server = createServer((request, response) => {
        let body = "";
        request.setEncoding("utf8");
        request.on("data", (data) => (body += data));
        request.on("end", () => {
            requests.push(JSON.parse(body));
            options.answer(response, requests.length - 1);
        });
    });
    if (options.onBytes !== undefined) {
        const { onBytes } = options;
        server.on("connection", (socket) => socket.on("data", onBytes));
    }
    yield* Effect.acquireRelease(Effect.callback((resume) => void server.listen(0, "127.0.0.1", () => resume(Effect.void))), () => Effect.callback((resume) => {
        server.close(() => resume(Effect.void));
        server.closeAllConnections();
    }));
    const { port } = server.address();
    const provider = createOpenAICompatible({
        name: "fake",
        baseURL: `http://127.0.0.1:${port}/v1`,
        includeUsage: true
    });
    return { model: provider.chatModel("fake-1"), requests };
});
const chunk = (delta, finish = null) => event({ id: "chat-1", model: "fake-1-2026", choices: [{ index: 0, delta, finish_reason: finish }] });
export const event = (value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;
/** The beginning of an answer: everything but its end. */
export const begun = ({ calls = [], reasoning = "", text = "" }) => [
    chunk({ role: "assistant", content: "" }),
    ...(reasoning === "" ? [] : [chunk({ reasoning_content: reasoning })]),
    ...text.split(/(?<= )/).map((content) => chunk({ content })),
    ...calls.flatMap(({ id, input, name }, index) => {
        const written = typeof input === "string" ? input : JSON.stringify(input);
        const half = Math.ceil(written.length / 2);
        return [
            chunk({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }),
            ...[written.slice(0, half), written.slice(half)].map((part) => chunk({ tool_calls: [{ index, function: { arguments: part } }] }))
        ];
    })
].join("");
export const ended = (finish) => chunk({}, finish) +
    event({ id: "chat-1", choices: [], usage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 } }) +
    event("[DONE]");
/** A whole answer. */
export const say = (response, said) => {
    stream(response).end(begun(said) + ended(said.finish ?? (said.calls === undefined ? "stop" : "tool_calls")));
};
/** An answer whose events the test writes itself. */
export const stream = (response) => response.writeHead(200, { "content-type": "text/event-stream" });
//# sourceMappingURL=FakeProvider.js.map