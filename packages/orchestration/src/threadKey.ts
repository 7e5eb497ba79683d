import type { TenantId, ThreadId } from "@spillway/contracts"

/** Names a thread across tenants, in memory. Ids hold no spaces. */
export const threadKey = (thread: { readonly tenant: TenantId; readonly threadId: ThreadId }): string =>
  `${thread.tenant} ${thread.threadId}`
