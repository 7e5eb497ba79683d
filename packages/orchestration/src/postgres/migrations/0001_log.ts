/** The log and what is committed with it. */
import { append } from "./0001_log/append.ts"
import { commandReceipt } from "./0001_log/command_receipt.ts"
import { event } from "./0001_log/event.ts"
import { isoTime } from "./0001_log/iso_time.ts"
import { logHead, logHeadRow } from "./0001_log/log_head.ts"
import { nodeLease, nodeLeaseRow } from "./0001_log/node_lease.ts"
import { obstructingCursors, obstructingReceipts, obstructingVersions } from "./0001_log/obstacles.ts"
import { sessionCursor } from "./0001_log/session_cursor.ts"
import { takeLease } from "./0001_log/take_lease.ts"
import { threadSnapshot } from "./0001_log/thread_snapshot.ts"

export const log = [
  logHead,
  logHeadRow,
  event,
  commandReceipt,
  sessionCursor,
  nodeLease,
  nodeLeaseRow,
  threadSnapshot,
  isoTime,
  takeLease,
  obstructingReceipts,
  obstructingVersions,
  obstructingCursors,
  append
]
