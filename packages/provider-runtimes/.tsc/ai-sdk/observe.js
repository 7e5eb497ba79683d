import { usageInChunk } from "./usage.js";
/** The same model; what it says of its answer is put into `soFar` as it passes. */
export const observe = (model, wrap, soFar) => wrap({
    model,
    middleware: {
        transformParams: async ({ params }) => ({ ...params, includeRawChunks: true }),
        wrapStream: async ({ doStream }) => {
            const { stream, ...rest } = await doStream();
            return {
                ...rest,
                stream: stream.pipeThrough(new TransformStream({
                    transform: (part, controller) => {
                        if (part.type === "raw")
                            soFar.usage = { ...soFar.usage, ...usageInChunk(part.rawValue) };
                        else
                            controller.enqueue(part);
                        if (part.type === "response-metadata")
                            soFar.responseId = part.id ?? soFar.responseId;
                    }
                }))
            };
        }
    }
});
//# sourceMappingURL=observe.js.map