/**
 * What each thread has cost: a table of our own beside Spillway's, kept by a durable subscription. It counts each step exactly once, whatever
 * happens to the process, because the row and the checkpoint move in one transaction.
 */
import type { LoggedEvent, RunningSubscription, Spillway } from "spillway"

export interface Usage {
  readonly thread_id: string
  readonly steps: number
  readonly input_tokens: number
  readonly output_tokens: number
}

export const createTable = (spillway: Spillway) =>
  spillway.query(`
    create table if not exists usage_by_thread (
      tenant text not null,
      thread_id text not null,
      steps int not null,
      input_tokens int not null,
      output_tokens int not null,
      primary key (tenant, thread_id)
    )`)

export const keepUsage = (spillway: Spillway): Promise<RunningSubscription> =>
  spillway.subscribe({
    name: "usage-by-thread",
    types: ["thread.step-closed"],
    transaction: true,
    handle: async (events, { query }) => {
      for (const { data, tenant, threadId } of events.filter(isStepClosed)) {
        await query(
          `insert into usage_by_thread values ($1, $2, 1, $3, $4)
           on conflict (tenant, thread_id) do update set
             steps = usage_by_thread.steps + 1,
             input_tokens = usage_by_thread.input_tokens + excluded.input_tokens,
             output_tokens = usage_by_thread.output_tokens + excluded.output_tokens`,
          [tenant, threadId, data.usage.inputTokens ?? 0, data.usage.outputTokens ?? 0]
        )
      }
    }
  })

export const readUsage = (spillway: Spillway) =>
  spillway.query<{ [Key in keyof Usage]: Usage[Key] }>(
    "select thread_id, steps, input_tokens, output_tokens from usage_by_thread order by thread_id"
  )

type StepClosed = Extract<LoggedEvent, { readonly type: "thread.step-closed" }>
export const isStepClosed = (event: LoggedEvent): event is StepClosed => event.type === "thread.step-closed"
