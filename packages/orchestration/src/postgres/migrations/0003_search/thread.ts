/**
 * The thread list, of one status or of several that are merged. What a thread is doing needs no index of its own: those that do
 * something are few and in `thread_busy`, the others are most of the list.
 */
export const threadByStatus = [
  `drop index thread_by_update`,
  `create index thread_by_update on thread (tenant, status, updated_hour)`
]
