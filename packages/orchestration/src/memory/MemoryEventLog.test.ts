import { eventLogSuite } from "../testing/eventLogSuite.ts"
import * as Memory from "./Memory.ts"
import { MemoryStore } from "./MemoryEventLog.ts"

eventLogSuite("memory", { store: MemoryStore.layer, process: Memory.layerOnStore })
