/** The dashboard, row by row: from what to look at first to what explains it. A test holds that no metric is left out. */
import type { Row } from "./Panel.ts"
import { doors } from "./rows/doors.ts"
import { followers } from "./rows/followers.ts"
import { glance } from "./rows/glance.ts"
import { ingestion } from "./rows/ingestion.ts"
import { log } from "./rows/log.ts"
import { process } from "./rows/process.ts"
import { turns } from "./rows/turns.ts"

export const rows: ReadonlyArray<Row> = [glance, log, turns, ingestion, followers, doors, process]
