import { expect, it } from "@effect/vitest";
import { RequestId, ToolCallId, TurnId } from "@spillway/contracts";
import { Effect, Fiber } from "effect";
import { describe } from "vitest";
import { recordingSession } from "./testing/RecordingSession.js";
import { runToolCalls } from "./toolCalls.js";
const turnId = TurnId.make("turn-1");
const call = (name, asks = false) => ({
    toolCallId: ToolCallId.make(name),
    ...(asks ? { asks: { requestId: RequestId.make(`${name}?`), kind: "approval", title: name } } : {}),
    run: () => Effect.succeed({ status: "completed", result: name })
});
describe("runToolCalls", () => {
    it.effect("closes what asks nobody before it asks, and runs nothing that was approved while another answer is missing", () => Effect.gen(function* () {
        const { answer, recorded, session, until } = yield* recordingSession({ turnId });
        const seen = () => recorded.map((entry) => entry.type === "request.asked"
            ? `ask ${entry.request.toolCallId}`
            : entry.type === "tool-call.completed"
                ? `${entry.status} ${entry.toolCallId}`
                : entry.type);
        const calls = [call("a", true), call("b"), call("c", true), call("d", true), call("e")];
        const fiber = yield* Effect.forkChild(runToolCalls(session, calls, 1), { startImmediately: true });
        yield* until((entry) => entry.type === "request.asked" && entry.request.toolCallId === "d");
        const parked = ["completed b", "completed e", "ask a", "ask c", "ask d"];
        expect(seen()).toEqual(parked);
        yield* answer(RequestId.make("a?"), { type: "approval", decision: "approve" });
        yield* answer(RequestId.make("c?"), { type: "approval", decision: "deny", reason: "no" });
        yield* until((entry) => entry.type === "tool-call.completed" && entry.status === "denied");
        expect(seen()).toEqual([...parked, "denied c"]);
        yield* answer(RequestId.make("d?"), { type: "approval", decision: "approve" });
        const closed = yield* Fiber.join(fiber);
        expect(seen()).toEqual([...parked, "denied c", "completed a", "completed d"]);
        expect(closed.map(({ outcome, toolCallId }) => [toolCallId, outcome.status])).toEqual([
            ["a", "completed"],
            ["b", "completed"],
            ["c", "denied"],
            ["d", "completed"],
            ["e", "completed"]
        ]);
    }));
});
//# sourceMappingURL=toolCalls.test.js.map