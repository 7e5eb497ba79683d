import type { EvolveTable } from "../Decision.ts"

export const evolveLifecycle: EvolveTable<
  "thread.created" | "thread.updated" | "thread.archived" | "thread.unarchived" | "thread.deleted"
> = {
  "thread.created": () => ({ status: "active" }),
  "thread.updated": () => ({}),
  "thread.archived": () => ({ status: "archived" }),
  "thread.unarchived": () => ({ status: "active" }),
  "thread.deleted": () => ({ status: "deleted" })
}
