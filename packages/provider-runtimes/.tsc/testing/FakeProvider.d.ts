/** A model provider on loopback, for tests: it speaks OpenAI's chat API, and does with each request what the test says. */
import { type ServerResponse } from "node:http";
import { Effect, type Scope } from "effect";
import type { AiSdkModel } from "../ai-sdk/sdkTypes.ts";
export interface ChatRequest {
    readonly messages: ReadonlyArray<{
        readonly role: string;
        readonly content?: unknown;
        readonly tool_call_id?: string;
        readonly tool_calls?: ReadonlyArray<{
            readonly id: string;
            readonly function: {
                readonly name: string;
            };
        }>;
    }>;
    readonly tools?: ReadonlyArray<{
        readonly function: {
            readonly name: string;
            readonly parameters: unknown;
        };
    }>;
}
export interface FakeProvider {
    readonly model: AiSdkModel;
    readonly requests: ReadonlyArray<ChatRequest>;
}
/** `answer` is called once a request is complete; `onBytes` when its first bytes arrive at the socket. */
export declare const fakeProvider: (options: {
    readonly answer: (response: ServerResponse, index: number) => void;
    readonly onBytes?: () => void;
}) => Effect.Effect<FakeProvider, never, Scope.Scope>;
interface Said {
    readonly text?: string;
    readonly reasoning?: string;
    readonly calls?: ReadonlyArray<{
        readonly id: string;
        readonly name: string;
        readonly input: unknown;
    }>;
    readonly finish?: string;
}
export declare const event: (value: unknown) => string;
/** The beginning of an answer: everything but its end. */
export declare const begun: ({ calls, reasoning, text }: Said) => string;
export declare const ended: (finish: string) => string;
/** A whole answer. */
export declare const say: (response: ServerResponse, said: Said) => void;
/** An answer whose events the test writes itself. */
export declare const stream: (response: ServerResponse) => ServerResponse;
export {};
//# sourceMappingURL=FakeProvider.d.ts.map