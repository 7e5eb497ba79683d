/**
 * A session that keeps what a runtime reports, in order, and answers as it is told: for tests of runtimes on their own. Tests wait
 * on what was recorded (`until`), never on time.
 */
import { type ProviderRuntimeEvent, type RequestId, type RequestResponse, type StepId, type TurnId } from "@spillway/contracts";
import type { RuntimeSession } from "@spillway/runtime-ingestion";
import { Effect } from "effect";
export type SessionRequest = Parameters<RuntimeSession["request"]>[0];
export type Recorded = ProviderRuntimeEvent | {
    readonly type: "step.opened";
    readonly stepId: StepId;
    readonly model: string | null;
    readonly steering: ReadonlyArray<string>;
} | {
    readonly type: "request.asked";
    readonly request: SessionRequest;
};
export interface RecordingOptions {
    readonly turnId: TurnId;
    readonly nextStepIndex?: number;
    /** The answer to a request; `undefined` leaves it pending until `answer`. */
    readonly respond?: (request: SessionRequest) => RequestResponse | undefined;
    /** Runs before a step counts as committed. */
    readonly beforeStep?: Effect.Effect<void>;
    /** Runs before an event is admitted: a lane without room. */
    readonly beforeAdmission?: (event: ProviderRuntimeEvent) => Effect.Effect<void>;
}
export interface RecordingSession {
    readonly session: RuntimeSession;
    readonly recorded: ReadonlyArray<Recorded>;
    readonly interrupt: Effect.Effect<void>;
    readonly steer: (text: string) => void;
    readonly answer: (requestId: RequestId, response: RequestResponse) => Effect.Effect<void>;
    /** Waits until something like this was recorded, or has been already. */
    readonly until: (like: (recorded: Recorded) => boolean) => Effect.Effect<void>;
}
export declare const recordingSession: (options: RecordingOptions) => Effect.Effect<RecordingSession, never, never>;
//# sourceMappingURL=RecordingSession.d.ts.map