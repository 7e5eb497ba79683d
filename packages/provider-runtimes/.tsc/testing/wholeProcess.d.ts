/** A whole process but for the doors, with runtimes of ours in it, on a Postgres database of the test's own. */
import { type LoggedEvent, RequestId, type RequestResponse, ThreadId, TurnId } from "@spillway/contracts";
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase";
import { EventLog, Publisher, ThreadEngine } from "@spillway/orchestration";
import { IngestionBudget, LiveLane, type ProviderRuntime, ProviderRuntimeIngestion, ProviderRuntimes } from "@spillway/runtime-ingestion";
import { Effect, Layer } from "effect";
/** Fresh, so that building it twice gives two processes, one after the other. */
export declare const layerProcess: (first: ProviderRuntime, ...others: ReadonlyArray<ProviderRuntime>) => Layer.Layer<import("@spillway/orchestration").CommitSignal | EventLog | IngestionBudget | LiveLane | import("@spillway/orchestration").NodeLease | import("@effect/sql-pg/PgClient").PgClient | ProviderRuntimeIngestion | ProviderRuntimes | Publisher | import("@spillway/orchestration").ReadModels | import("@spillway/orchestration").RuntimeSessions | import("effect/sql/SqlClient").SqlClient | ThreadEngine, import("@spillway/orchestration").DatabaseTooOld | import("@spillway/orchestration").DatabaseUnreachable | import("@spillway/orchestration").MigrationFailed | import("@spillway/orchestration").SchemaUnknown | import("@spillway/orchestration").Unavailable, TestDatabase>;
/** A new thread with a turn in it. */
export declare const startTurn: (text: string, choice?: {
    readonly runtime?: string;
    readonly model?: string;
    readonly options?: {
        readonly [x: string]: import("effect/Schema").Json;
    };
} | undefined) => Effect.Effect<{
    threadId: string & import("effect/Brand").Brand<"ThreadId">;
    turnId: string & import("effect/Brand").Brand<"TurnId">;
}, import("@spillway/orchestration").CommandFailed | import("@spillway/orchestration").OutcomeUnknown | import("@spillway/orchestration").Unavailable, ThreadEngine>;
export declare const interrupt: (threadId: ThreadId, turnId: TurnId) => Effect.Effect<{
    readonly status: "accepted";
    readonly commandId: string & import("effect/Brand").Brand<"CommandId">;
    readonly threadId: string & import("effect/Brand").Brand<"ThreadId">;
    readonly version: number;
} | {
    readonly status: "rejected";
    readonly commandId: string & import("effect/Brand").Brand<"CommandId">;
    readonly threadId: string & import("effect/Brand").Brand<"ThreadId">;
    readonly rejection: {
        readonly _tag: "CommandIdConflict" | "CommandTooLarge" | "MessageAlreadyExists" | "MessageAlreadyOpen" | "MessageNotOpen" | "OffsetMismatch" | "PartMismatch" | "RequestAlreadyExists" | "RequestAlreadyResolved" | "RequestNotFound" | "RequestWithdrawn" | "ResponseDoesNotFit" | "SessionAlreadyOpen" | "SessionNotOpen" | "SteeringNotPending" | "StepAlreadyOpen" | "StepNotOpen" | "StepOutOfOrder" | "ThreadAlreadyExists" | "ThreadArchived" | "ThreadDeleted" | "ThreadNotArchived" | "ThreadNotFound" | "ToolCallAlreadyExists" | "ToolCallNotOpen" | "TurnAlreadyActive" | "TurnAlreadyExists" | "TurnNotActive" | "TurnNotFound" | "TurnNotRetryable" | "TurnParked";
        readonly message: string;
    };
}, import("@spillway/orchestration").CommandFailed | import("@spillway/orchestration").OutcomeUnknown | import("@spillway/orchestration").Unavailable, ThreadEngine>;
export declare const respond: (threadId: ThreadId, requestId: RequestId, response: RequestResponse) => Effect.Effect<{
    readonly status: "accepted";
    readonly commandId: string & import("effect/Brand").Brand<"CommandId">;
    readonly threadId: string & import("effect/Brand").Brand<"ThreadId">;
    readonly version: number;
} | {
    readonly status: "rejected";
    readonly commandId: string & import("effect/Brand").Brand<"CommandId">;
    readonly threadId: string & import("effect/Brand").Brand<"ThreadId">;
    readonly rejection: {
        readonly _tag: "CommandIdConflict" | "CommandTooLarge" | "MessageAlreadyExists" | "MessageAlreadyOpen" | "MessageNotOpen" | "OffsetMismatch" | "PartMismatch" | "RequestAlreadyExists" | "RequestAlreadyResolved" | "RequestNotFound" | "RequestWithdrawn" | "ResponseDoesNotFit" | "SessionAlreadyOpen" | "SessionNotOpen" | "SteeringNotPending" | "StepAlreadyOpen" | "StepNotOpen" | "StepOutOfOrder" | "ThreadAlreadyExists" | "ThreadArchived" | "ThreadDeleted" | "ThreadNotArchived" | "ThreadNotFound" | "ToolCallAlreadyExists" | "ToolCallNotOpen" | "TurnAlreadyActive" | "TurnAlreadyExists" | "TurnNotActive" | "TurnNotFound" | "TurnNotRetryable" | "TurnParked";
        readonly message: string;
    };
}, import("@spillway/orchestration").CommandFailed | import("@spillway/orchestration").OutcomeUnknown | import("@spillway/orchestration").Unavailable, ThreadEngine>;
/** Waits for the first event of the thread that fits, committed already or to come. */
export declare const committed: <T extends LoggedEvent["type"]>(threadId: ThreadId, ...types: ReadonlyArray<T>) => Effect.Effect<Extract<{
    readonly type: "thread.created";
    readonly data: {
        readonly title?: string;
        readonly metadata?: {
            readonly [x: string]: import("effect/Schema").Json;
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.updated";
    readonly data: {
        readonly title?: string;
        readonly metadata?: {
            readonly [x: string]: import("effect/Schema").Json;
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.archived";
    readonly data: {};
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.unarchived";
    readonly data: {};
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.deleted";
    readonly data: {};
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.activity-recorded";
    readonly data: {
        readonly turnId: (string & import("effect/Brand").Brand<"TurnId">) | null;
        readonly activity: {
            readonly type: "final-text-differs";
            readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
            readonly partId: string & import("effect/Brand").Brand<"PartId">;
            readonly finalText: string;
        } | {
            readonly type: "foreign-turn-end";
            readonly runtimeTurnId: string;
        } | {
            readonly type: "event-refused";
            readonly eventType: string;
            readonly reason: string;
        } | {
            readonly type: "model-call-retried";
            readonly reason: string;
        } | {
            readonly type: "notice";
            readonly level: "error" | "info" | "warning";
            readonly text: string;
        } | {
            readonly type: "message-metadata";
            readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
            readonly model: string;
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.message-sent";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly role: "system" | "user";
        readonly text: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-start-requested";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly assistantDeliveryMode: "buffered" | "paragraph" | "streaming";
        readonly choice: {
            readonly runtime?: string;
            readonly model?: string;
            readonly options?: {
                readonly [x: string]: import("effect/Schema").Json;
            };
        };
        readonly retryOf: (string & import("effect/Brand").Brand<"TurnId">) | null;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-queued";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly because: "busy" | "cannot-steer" | "left-over";
        readonly front: boolean;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-started";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-steered";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly nextTurnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly assistantDeliveryMode: "buffered" | "paragraph" | "streaming";
        readonly choice: {
            readonly runtime?: string;
            readonly model?: string;
            readonly options?: {
                readonly [x: string]: import("effect/Schema").Json;
            };
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-interrupt-requested";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-completed";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-failed";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.turn-interrupted";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.session-opened";
    readonly data: {
        readonly sessionId: string & import("effect/Brand").Brand<"SessionId">;
        readonly generation: number;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly runtime: string;
        readonly resumable: boolean;
        readonly canSteer: boolean;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.session-bound";
    readonly data: {
        readonly sessionId: string & import("effect/Brand").Brand<"SessionId">;
        readonly generation: number;
        readonly providerThreadId: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.session-closed";
    readonly data: {
        readonly sessionId: string & import("effect/Brand").Brand<"SessionId">;
        readonly generation: number;
        readonly reason: "ended" | "exited" | "lost" | "parked";
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.step-opened";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly steeredBy: readonly (string & import("effect/Brand").Brand<"MessageId">)[];
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.step-closed";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly usage: {
            readonly inputTokens?: number;
            readonly outputTokens?: number;
            readonly totalTokens?: number;
            readonly reasoningTokens?: number;
            readonly cachedInputTokens?: number;
        };
        readonly finishReason: string;
        readonly responseId: string | null;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.message-opened";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly runtime: string;
        readonly model: string | null;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.message-segment-appended";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly partId: string & import("effect/Brand").Brand<"PartId">;
        readonly kind: "reasoning" | "text";
        readonly offset: number;
        readonly text: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.message-closed";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly status: "completed" | "discarded" | "error" | "interrupted";
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        } | null;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.tool-call-opened";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly partId: string & import("effect/Brand").Brand<"PartId">;
        readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
        readonly name: string;
        readonly input: import("effect/Schema").Json;
        readonly inputTruncated: boolean;
        readonly providerExecuted: boolean;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.tool-call-output-appended";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
        readonly offset: number;
        readonly text: string;
        readonly truncated: boolean;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.tool-call-closed";
    readonly data: {
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: string & import("effect/Brand").Brand<"StepId">;
        readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
        readonly status: "completed" | "denied" | "error";
        readonly result: import("effect/Schema").Json;
        readonly resultTruncated: boolean;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        } | null;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.request-opened";
    readonly data: {
        readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly stepId: (string & import("effect/Brand").Brand<"StepId">) | null;
        readonly toolCallId: (string & import("effect/Brand").Brand<"ToolCallId">) | null;
        readonly kind: "approval" | "input";
        readonly title: string;
        readonly questions: readonly {
            readonly id: string;
            readonly question: string;
            readonly options?: readonly string[];
        }[];
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.request-resolved";
    readonly data: {
        readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly response: {
            readonly type: "approval";
            readonly decision: "approve" | "deny";
            readonly reason?: string;
        } | {
            readonly type: "input";
            readonly answers: {
                readonly [x: string]: string;
            };
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.request-taken";
    readonly data: {
        readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}> | Extract<{
    readonly type: "thread.request-withdrawn";
    readonly data: {
        readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope, {
    readonly type: T;
}>, import("@spillway/orchestration").Unavailable, Publisher>;
export declare const turnEnd: (threadId: ThreadId) => Effect.Effect<({
    readonly type: "thread.turn-completed";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope) | ({
    readonly type: "thread.turn-failed";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        };
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope) | ({
    readonly type: "thread.turn-interrupted";
    readonly data: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly reason: string;
    };
} & {
    readonly position: number;
    readonly hash: string;
} & import("@spillway/contracts").ClientEnvelope), import("@spillway/orchestration").Unavailable, Publisher>;
/** The thread's turn, folded from the log. */
export declare const turnOf: (threadId: string & import("effect/Brand").Brand<"ThreadId">) => Effect.Effect<{
    events: readonly LoggedEvent[];
    turn: {
        readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
        readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
        readonly status: "active" | "completed" | "failed" | "interrupted" | "queued";
        readonly interruptRequested: boolean;
        readonly assistantDeliveryMode: "buffered" | "paragraph" | "streaming";
        readonly choice: {
            readonly runtime?: string;
            readonly model?: string;
            readonly options?: {
                readonly [x: string]: import("effect/Schema").Json;
            };
        };
        readonly retryOf: (string & import("effect/Brand").Brand<"TurnId">) | null;
        readonly retriedBy: (string & import("effect/Brand").Brand<"TurnId">) | null;
        readonly reason: string | null;
        readonly error: {
            readonly code: string;
            readonly message: string;
            readonly retryable?: boolean;
        } | null;
        readonly requestedAt: string;
        readonly startedAt: string | null;
        readonly placedAtVersion: number | null;
        readonly endedAt: string | null;
        readonly messages: readonly {
            readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
            readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
            readonly stepId: (string & import("effect/Brand").Brand<"StepId">) | null;
            readonly role: "assistant" | "system" | "user";
            readonly status: "completed" | "discarded" | "error" | "interrupted" | "open";
            readonly actor: string;
            readonly runtime: string | null;
            readonly model: string | null;
            readonly parts: readonly ({
                readonly type: "reasoning" | "text";
                readonly partId: string & import("effect/Brand").Brand<"PartId">;
                readonly text: string;
            } | {
                readonly type: "tool-call";
                readonly partId: string & import("effect/Brand").Brand<"PartId">;
                readonly toolCallId: string & import("effect/Brand").Brand<"ToolCallId">;
                readonly name: string;
                readonly input: import("effect/Schema").Json;
                readonly inputTruncated: boolean;
                readonly providerExecuted: boolean;
                readonly status: "completed" | "denied" | "error" | "open";
                readonly output: string;
                readonly outputTruncated: boolean;
                readonly result: import("effect/Schema").Json;
                readonly resultTruncated: boolean;
                readonly error: {
                    readonly code: string;
                    readonly message: string;
                    readonly retryable?: boolean;
                } | null;
                readonly closedAtVersion: number | null;
            })[];
            readonly error: {
                readonly code: string;
                readonly message: string;
                readonly retryable?: boolean;
            } | null;
            readonly openedAt: string;
            readonly openedAtVersion: number;
            readonly closedAt: string | null;
        }[];
        readonly steps: readonly {
            readonly stepId: string & import("effect/Brand").Brand<"StepId">;
            readonly status: "closed" | "open";
            readonly usage: {
                readonly inputTokens?: number;
                readonly outputTokens?: number;
                readonly totalTokens?: number;
                readonly reasoningTokens?: number;
                readonly cachedInputTokens?: number;
            };
            readonly finishReason: string | null;
            readonly responseId: string | null;
        }[];
        readonly requests: readonly {
            readonly requestId: string & import("effect/Brand").Brand<"RequestId">;
            readonly turnId: string & import("effect/Brand").Brand<"TurnId">;
            readonly stepId: (string & import("effect/Brand").Brand<"StepId">) | null;
            readonly toolCallId: (string & import("effect/Brand").Brand<"ToolCallId">) | null;
            readonly kind: "approval" | "input";
            readonly title: string;
            readonly questions: readonly {
                readonly id: string;
                readonly question: string;
                readonly options?: readonly string[];
            }[];
            readonly status: "pending" | "resolved" | "withdrawn";
            readonly response: {
                readonly type: "approval";
                readonly decision: "approve" | "deny";
                readonly reason?: string;
            } | {
                readonly type: "input";
                readonly answers: {
                    readonly [x: string]: string;
                };
            } | null;
            readonly openedAt: string;
        }[];
        readonly activities: readonly ({
            readonly type: "final-text-differs";
            readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
            readonly partId: string & import("effect/Brand").Brand<"PartId">;
            readonly finalText: string;
        } | {
            readonly type: "foreign-turn-end";
            readonly runtimeTurnId: string;
        } | {
            readonly type: "event-refused";
            readonly eventType: string;
            readonly reason: string;
        } | {
            readonly type: "model-call-retried";
            readonly reason: string;
        } | {
            readonly type: "notice";
            readonly level: "error" | "info" | "warning";
            readonly text: string;
        } | {
            readonly type: "message-metadata";
            readonly messageId: string & import("effect/Brand").Brand<"MessageId">;
            readonly model: string;
        })[];
    };
}, import("@spillway/orchestration").Unavailable, EventLog>;
//# sourceMappingURL=wholeProcess.d.ts.map