/**
 * A session that keeps what a runtime reports, in order, and answers as it is told: for tests of runtimes on their own. Tests wait
 * on what was recorded (`until`), never on time.
 */
import { assistantMessageIdOf, stepIdOf } from "@spillway/contracts";
import { Deferred, Effect } from "effect";
export const recordingSession = Effect.fnUntraced(function* (options) {
    const recorded = [];
    const steering = [];
    const interrupted = yield* Deferred.make();
    const pending = new Map();
    let waiting = [];
    let index = options.nextStepIndex ?? 0;
    const record = Effect.fnUntraced(function* (entry) {
        recorded.push(entry);
        const met = waiting.filter(({ like }) => like(entry));
        waiting = waiting.filter((waiter) => !met.includes(waiter));
        for (const { seen } of met)
            yield* Deferred.succeed(seen, undefined);
    });
    return {
        recorded,
        session: {
            openStep: Effect.fnUntraced(function* ({ model }) {
                yield* options.beforeStep ?? Effect.void;
                const stepId = stepIdOf(options.turnId, index++);
                const taken = steering.splice(0);
                yield* record({ type: "step.opened", stepId, model, steering: taken });
                return { stepId, messageId: assistantMessageIdOf(stepId, 0), steering: taken };
            }),
            emit: Effect.fnUntraced(function* (event) {
                yield* options.beforeAdmission?.(event) ?? Effect.void;
                yield* record(event);
            }),
            request: Effect.fnUntraced(function* (request) {
                const answer = yield* Deferred.make();
                pending.set(request.requestId, answer);
                yield* record({ type: "request.asked", request });
                const response = options.respond?.(request);
                return response ?? (yield* Deferred.await(answer));
            }),
            interrupted: Deferred.await(interrupted),
            hasSteering: () => steering.length > 0
        },
        interrupt: Effect.asVoid(Deferred.succeed(interrupted, undefined)),
        steer: (text) => {
            steering.push(text);
        },
        answer: (requestId, response) => Effect.suspend(() => {
            const answer = pending.get(requestId);
            if (answer === undefined)
                throw new Error(`Nothing was asked under ${requestId}.`);
            return Effect.asVoid(Deferred.succeed(answer, response));
        }),
        until: Effect.fnUntraced(function* (like) {
            if (recorded.some(like))
                return;
            const seen = yield* Deferred.make();
            waiting = [...waiting, { like, seen }];
            yield* Deferred.await(seen);
        })
    };
});
//# sourceMappingURL=RecordingSession.js.map