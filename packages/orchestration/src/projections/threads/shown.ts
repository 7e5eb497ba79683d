/** Which messages `timeline` shows, said of their rows. */

/**
 * Of a `message` m that stands in the `turn` t. What was sent in an attempt that was retried has left, but for a message that was to
 * steer it and became the ask of a turn of its own.
 */
export const isShown = `
  m.role <> 'system' and m.status <> 'discarded' and (t.retried_by is null or (
    m.role = 'user' and m.message_id <> t.message_id and exists (
      select from turn own
      where own.tenant = m.tenant and own.thread_id = m.thread_id and own.message_id = m.message_id)))`
