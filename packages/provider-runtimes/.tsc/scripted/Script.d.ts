/**
 * A script: what the scripted runtime plays instead of calling a model. Data, with functions only where a line depends on what
 * was asked or answered.
 */
import type { Failure, Question, RequestKind } from "@spillway/contracts";
import type { Schema } from "effect";
import type { ToolOutcome } from "../toolCalls.ts";
import type { ScriptOptions } from "./ScriptOptions.ts";
/** What a line may depend on. */
export interface Scene {
    readonly prompt: string;
    readonly options: ScriptOptions;
    /** How the calls of earlier steps ended, by the id that the script gave them; the same after a restart. */
    readonly outcomes: ReadonlyMap<string, ToolOutcome>;
}
export type Line = string | ((scene: Scene) => string);
/** One thing that the pretended model does, in order. */
export type Beat = {
    readonly type: "text" | "reasoning";
    readonly text: Line;
    /** The item never completes: what a model call leaves that is tried again, or that fails. */
    readonly breaksOff?: boolean;
} | {
    readonly type: "pause";
    readonly milliseconds: number;
}
/** The model call starts again; what it wrote is void. */
 | {
    readonly type: "retry";
    readonly reason: string;
}
/** The model call fails, and the turn with it. */
 | {
    readonly type: "fail";
    readonly error: Failure;
};
/** A tool call that the step asks for once its beats are played. The calls of a step run in parallel. */
export interface ScriptedCall {
    /** Unique in its script. */
    readonly id: string;
    readonly name: string;
    readonly input: Schema.Json;
    /** What a person is asked first. An input request's answers become the call's result. */
    readonly asks?: {
        readonly kind: RequestKind;
        readonly title: string;
        readonly questions?: ReadonlyArray<Question>;
    };
    /** What the tool prints while it runs. */
    readonly prints?: ReadonlyArray<string>;
    readonly ends?: ToolOutcome;
}
export interface ScriptStep {
    readonly beats: ReadonlyArray<Beat>;
    readonly calls?: ReadonlyArray<ScriptedCall>;
}
export interface Script {
    readonly name: string;
    /** One sentence for whoever chooses. */
    readonly about: string;
    /** How text is cut and paced unless the turn's options say otherwise. */
    readonly pace: Pace;
    readonly steps: ReadonlyArray<ScriptStep>;
}
export interface Pace {
    /** Code units of one delta. */
    readonly deltaSize: number;
    /** The wait after each delta. */
    readonly intervalMs: number;
}
/** As a model on a fast line writes: no pauses. */
export declare const atOnce: Pace;
//# sourceMappingURL=Script.d.ts.map