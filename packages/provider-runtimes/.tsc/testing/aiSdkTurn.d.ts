/** Turns of the ai-sdk runtime against a provider on loopback, and ways to look at what they reported. */
import type { HistoryMessage } from "@spillway/contracts";
import { Effect, Fiber } from "effect";
import { type AiSdkRuntimeOptions } from "../ai-sdk/AiSdkRuntime.ts";
import type { AnyTool } from "../tools/Tool.ts";
import { fakeProvider } from "./FakeProvider.ts";
import { type Recorded, type RecordingOptions } from "./RecordingSession.ts";
import { turnInput } from "./turnInput.ts";
export type Answer = Parameters<typeof fakeProvider>[0]["answer"];
export interface Setting extends Partial<RecordingOptions> {
    readonly answer: Answer;
    readonly onBytes?: () => void;
    readonly runtime?: Partial<AiSdkRuntimeOptions>;
    readonly choice?: Parameters<typeof turnInput>[0]["choice"];
    readonly history?: ReadonlyArray<HistoryMessage>;
    readonly before?: ReadonlyArray<Recorded>;
}
export declare const startTurn: (args_0: Setting) => Effect.Effect<{
    session: import("@spillway/runtime-ingestion").RuntimeSession;
    recorded: ReadonlyArray<Recorded>;
    interrupt: Effect.Effect<void>;
    steer: (text: string) => void;
    answer: (requestId: import("@spillway/contracts").RequestId, response: import("@spillway/contracts").RequestResponse) => Effect.Effect<void>;
    until: (like: (recorded: Recorded) => boolean) => Effect.Effect<void>;
    provider: import("./FakeProvider.ts").FakeProvider;
    fiber: Fiber.Fiber<void, import("@spillway/runtime-ingestion").RuntimeFailed | import("@spillway/runtime-ingestion").SessionClosed>;
}, never, import("effect/Scope").Scope>;
export declare const playTurn: (setting: Setting) => Effect.Effect<{
    session: import("@spillway/runtime-ingestion").RuntimeSession;
    recorded: ReadonlyArray<Recorded>;
    interrupt: Effect.Effect<void>;
    steer: (text: string) => void;
    answer: (requestId: import("@spillway/contracts").RequestId, response: import("@spillway/contracts").RequestResponse) => Effect.Effect<void>;
    until: (like: (recorded: Recorded) => boolean) => Effect.Effect<void>;
    provider: import("./FakeProvider.ts").FakeProvider;
    fiber: Fiber.Fiber<void, import("@spillway/runtime-ingestion").RuntimeFailed | import("@spillway/runtime-ingestion").SessionClosed>;
}, import("@spillway/runtime-ingestion").RuntimeFailed | import("@spillway/runtime-ingestion").SessionClosed, import("effect/Scope").Scope>;
export declare const tool: (name: string, options?: Partial<AnyTool>) => AnyTool;
export declare const textOf: (recorded: ReadonlyArray<Recorded>) => string;
export declare const all: <T extends Recorded["type"]>(recorded: ReadonlyArray<Recorded>, type: T) => (Extract<{
    readonly type: "session.started";
    readonly providerThreadId?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "session.exited";
    readonly error?: {
        readonly code: string;
        readonly message: string;
        readonly retryable?: boolean;
    };
}, {
    type: T;
}> | Extract<{
    readonly type: "turn.started";
    readonly runtimeTurnId?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "turn.completed";
    readonly runtimeTurnId?: string;
    readonly reason?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "turn.failed";
    readonly runtimeTurnId?: string;
    readonly error: {
        readonly code: string;
        readonly message: string;
        readonly retryable?: boolean;
    };
}, {
    type: T;
}> | Extract<{
    readonly type: "turn.aborted";
    readonly runtimeTurnId?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "model.known";
    readonly model: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "step.finished";
    readonly usage?: {
        readonly inputTokens?: number;
        readonly outputTokens?: number;
        readonly totalTokens?: number;
        readonly reasoningTokens?: number;
        readonly cachedInputTokens?: number;
    };
    readonly finishReason?: string;
    readonly responseId?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "step.retried";
    readonly reason: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "text.delta";
    readonly itemId: string;
    readonly kind: "reasoning" | "text";
    readonly delta: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "text.completed";
    readonly itemId: string;
    readonly kind: "reasoning" | "text";
    readonly text?: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "tool-call.input-delta";
    readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
    readonly name: string;
    readonly delta: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "tool-call.started";
    readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
    readonly name: string;
    readonly input: import("effect/Schema").Json;
    readonly providerExecuted?: boolean;
}, {
    type: T;
}> | Extract<{
    readonly type: "tool-call.output-delta";
    readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
    readonly delta: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "tool-call.completed";
    readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
    readonly status: "completed" | "denied" | "error";
    readonly name?: string;
    readonly input?: import("effect/Schema").Json;
    readonly result?: import("effect/Schema").Json;
    readonly error?: {
        readonly code: string;
        readonly message: string;
        readonly retryable?: boolean;
    };
}, {
    type: T;
}> | Extract<{
    readonly type: "request.opened";
    readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
    readonly kind: "approval" | "input";
    readonly title: string;
    readonly toolCallId?: string & import("effect/Brand").Brand<"ToolCallId">;
    readonly questions?: readonly {
        readonly id: string;
        readonly question: string;
        readonly options?: readonly string[];
    }[];
}, {
    type: T;
}> | Extract<{
    readonly type: "request.withdrawn";
    readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
    readonly reason: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "notice";
    readonly level: "error" | "info" | "warning";
    readonly text: string;
}, {
    type: T;
}> | Extract<{
    readonly type: "step.opened";
    readonly stepId: import("@spillway/contracts").StepId;
    readonly model: string | null;
    readonly steering: ReadonlyArray<string>;
}, {
    type: T;
}> | Extract<{
    readonly type: "request.asked";
    readonly request: import("./RecordingSession.ts").SessionRequest;
}, {
    type: T;
}>)[];
export declare const types: (recorded: ReadonlyArray<Recorded>) => ("model.known" | "notice" | "request.asked" | "request.opened" | "request.withdrawn" | "session.exited" | "session.started" | "step.finished" | "step.opened" | "step.retried" | "text.completed" | "text.delta" | "tool-call.completed" | "tool-call.input-delta" | "tool-call.output-delta" | "tool-call.started" | "turn.aborted" | "turn.completed" | "turn.failed" | "turn.started")[];
/** Calls `names`, all in one step, and then says that it is done. */
export declare const callThenEnd: (...names: ReadonlyArray<string>) => Answer;
//# sourceMappingURL=aiSdkTurn.d.ts.map