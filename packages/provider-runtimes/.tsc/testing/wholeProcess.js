/** A whole process but for the doors, with runtimes of ours in it, on a Postgres database of the test's own. */
import { CommandId, DEFAULT_TENANT, emptyThreadView, foldThread, MessageId, RequestId, ThreadId, TurnId } from "@spillway/contracts";
import { TestDatabase } from "@spillway/embedded-postgres/testing/TestDatabase";
import { EventLog, layerRuntimeReactor, Postgres, PostgresReadModels, Publisher, ThreadEngine } from "@spillway/orchestration";
import { IngestionBudget, LiveLane, ProviderRuntimeIngestion, ProviderRuntimes } from "@spillway/runtime-ingestion";
import { Effect, Layer, Stream } from "effect";
/** Fresh, so that building it twice gives two processes, one after the other. */
export const layerProcess = (first, ...others) => layerRuntimeReactor.pipe(Layer.provideMerge(ProviderRuntimeIngestion.layer), Layer.provideMerge(Layer.mergeAll(ProviderRuntimes.layer(first, ...others), LiveLane.layer, IngestionBudget.layer())), Layer.provideMerge(PostgresReadModels.layer), Layer.provideMerge(ThreadEngine.layer), Layer.provideMerge(Publisher.layer), Layer.provideMerge(Layer.unwrap(Effect.map(TestDatabase, ({ url }) => Postgres.layer({ url, lease: { duration: 1_500, heartbeat: 500, look: 100 } })))), Layer.fresh);
const origin = { tenant: DEFAULT_TENANT, actor: "tester", correlationId: null };
let counter = 0;
const unique = (what) => `${what}-${++counter}`;
const dispatch = Effect.fnUntraced(function* (command) {
    const engine = yield* ThreadEngine;
    return yield* engine.dispatch(origin, command);
});
/** A new thread with a turn in it. */
export const startTurn = Effect.fnUntraced(function* (text, choice = {}) {
    const threadId = ThreadId.make(unique("thread"));
    const turnId = TurnId.make(unique("turn"));
    yield* dispatch({ type: "thread.create", commandId: CommandId.make(unique("command")), threadId });
    yield* dispatch({
        type: "thread.turn.start",
        commandId: CommandId.make(unique("command")),
        threadId,
        turnId,
        messageId: MessageId.make(`${turnId}/ask`),
        text,
        choice
    });
    return { threadId, turnId };
});
export const interrupt = (threadId, turnId) => dispatch({ type: "thread.turn.interrupt", commandId: CommandId.make(unique("command")), threadId, turnId });
export const respond = (threadId, requestId, response) => dispatch({
    type: "thread.request.respond",
    commandId: CommandId.make(unique("command")),
    threadId,
    requestId,
    response
});
/** Waits for the first event of the thread that fits, committed already or to come. */
export const committed = (threadId, ...types) => Effect.gen(function* () {
    const publisher = yield* Publisher;
    const event = yield* publisher.follow(0).pipe(Stream.flatMap((events) => Stream.fromIterable(events)), Stream.filter((event) => event.threadId === threadId && types.some((type) => type === event.type)), Stream.runHead);
    if (event._tag === "None")
        return yield* Effect.die("the log ended");
    return event.value;
});
export const turnEnd = (threadId) => committed(threadId, "thread.turn-completed", "thread.turn-failed", "thread.turn-interrupted");
/** The thread's turn, folded from the log. */
export const turnOf = Effect.fnUntraced(function* (threadId) {
    const log = yield* EventLog;
    const events = yield* log.readThread({ tenant: DEFAULT_TENANT, threadId, afterVersion: 0, limit: 100_000 });
    return { events, turn: foldThread(emptyThreadView(threadId), events).turns[0] };
});
//# sourceMappingURL=wholeProcess.js.map