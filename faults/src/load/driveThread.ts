/** Keeps one thread at work, as its plan says, with whatever client it was given. */
import {
  type ClientCommand,
  CommandId,
  MessageId,
  type RequestId,
  ThreadId,
  TurnId
} from "@spillway/contracts"
import type { Hands } from "./Hands.ts"
import { answerTo, type Plan, type PlannedTurn, plannerOf } from "./plan.ts"

export interface DrivenThread {
  readonly threadId: string
  /** Begins nothing new. Resolves once what it has begun is over, and its commands are answered. */
  readonly stop: () => Promise<void>
  /** Asks for one more turn, and resolves once it has completed: the thread is not stuck. */
  readonly lastTurn: () => Promise<void>
}

export const driveThread = (options: {
  readonly seed: number
  readonly threadId: string
  readonly hands: Hands
  /** Milliseconds. */
  readonly beginsAfter: number
}): DrivenThread => {
  const { hands, seed } = options
  const threadId = ThreadId.make(options.threadId)
  const planner = plannerOf(seed, threadId)
  const answered = new Set<RequestId>()
  let commands = 0
  let turns = 0
  let isStopped = false

  const named = <C extends object>(command: C) => {
    const commandId = CommandId.make(`${threadId}/${++commands}`)
    return { commandId, threadId, ...command } as C & Pick<ClientCommand, "commandId" | "threadId">
  }
  const startOf = ({ choice, mode, role, text }: PlannedTurn, ifBusy?: "queue") => {
    const turnId = TurnId.make(`${threadId}.${++turns}`)
    return named({
      type: "thread.turn.start",
      turnId,
      messageId: MessageId.make(`${turnId}/ask`),
      assistantDeliveryMode: mode,
      role,
      text,
      choice,
      ...(ifBusy !== undefined && { ifBusy })
    }) as Extract<ClientCommand, { type: "thread.turn.start" }>
  }

  const until = (fits: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = () => {
        if (!fits()) return
        leave()
        resolve()
      }
      const leave = hands.onChange(look)
      look()
    })
  const isIdle = () => hands.view().activeTurnId === null && hands.view().queue.length === 0

  const answerRequests = () => {
    for (const turn of hands.view().turns) {
      if (turn.status !== "active") continue
      for (const { kind, questions, requestId, status } of turn.requests) {
        if (status !== "pending" || answered.has(requestId)) continue
        answered.add(requestId)
        const { after, approves } = answerTo(seed, requestId)
        const response =
          kind === "approval"
            ? { type: "approval" as const, decision: approves ? ("approve" as const) : ("deny" as const) }
            : {
                type: "input" as const,
                answers: Object.fromEntries(questions.map(({ id, options = ["soon"] }) => [id, options[0]!]))
              }
        setTimeout(
          () => void hands.dispatch(named({ type: "thread.request.respond", requestId, response })),
          after
        )
      }
    }
  }
  const stopAnswering = hands.onChange(answerRequests)

  const play = async ({ moves, retries, turn }: Plan): Promise<void> => {
    const start = startOf(turn)
    if ((await hands.dispatch(start)) !== "accepted") return
    const began = performance.now()
    const moved: Array<Promise<unknown>> = []
    for (const move of moves) {
      await wait(began + move.after - performance.now())
      const { turnId } = start
      if (move.type === "rename") {
        moved.push(hands.dispatch(named({ type: "thread.update", title: move.title })))
      } else if (move.type === "interrupt") {
        moved.push(hands.dispatch(named({ type: "thread.turn.interrupt", turnId })))
      } else if (move.type === "another") {
        moved.push(hands.dispatch({ ...startOf(move.turn), ifBusy: move.ifBusy }))
      } else {
        const nextTurnId = TurnId.make(`${threadId}.${++turns}`)
        const messageId = MessageId.make(`${nextTurnId}/steer`)
        const { text } = move
        moved.push(hands.dispatch(named({ type: "thread.turn.steer", turnId, messageId, nextTurnId, text })))
      }
    }
    await Promise.all(moved)
    await until(() => isIdle() && hands.view().turns.some(({ turnId }) => turnId === start.turnId))
    const ended = hands.view().turns.find(({ turnId }) => turnId === start.turnId)
    if (!retries || isStopped || ended === undefined || ended.status === "completed") return
    if (ended.retriedBy !== null) return
    const turnId = TurnId.make(`${threadId}.${++turns}`)
    await hands.dispatch(named({ type: "thread.turn.retry", turnId, retryOf: start.turnId }))
    await until(isIdle)
  }

  const drive = async (): Promise<void> => {
    await wait(options.beginsAfter)
    await hands.dispatch(named({ type: "thread.create", title: options.threadId }))
    while (!isStopped) {
      const plan = planner.next()
      await play(plan)
      await wait(plan.rest)
    }
  }
  const driving = drive()

  return {
    threadId,
    stop: () => {
      isStopped = true
      return driving
    },
    lastTurn: async () => {
      const start = startOf(planner.last(), "queue")
      await hands.dispatch(start)
      await until(() =>
        hands.view().turns.some(({ status, turnId }) => turnId === start.turnId && status === "completed")
      )
      stopAnswering()
    }
  }
}

const wait = (milliseconds: number): Promise<void> =>
  milliseconds <= 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, milliseconds))
