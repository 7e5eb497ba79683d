/** Whether the holder of the lease is still there, so that nobody waits for the lease of a process that is gone. */
import { nodeLease } from "./0007_lease_liveness/node_lease.ts"
import { proveLease } from "./0007_lease_liveness/prove_lease.ts"
import { takeLease } from "./0007_lease_liveness/take_lease.ts"
import { takeSeenLease } from "./0007_lease_liveness/take_seen_lease.ts"

export const leaseLiveness = [nodeLease, takeSeenLease, proveLease, takeLease]
