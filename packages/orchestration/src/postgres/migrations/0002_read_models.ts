/** The read models of threads, and how far each projection has come. Nothing here is the truth: the log can write it again. */
import { activity } from "./0002_read_models/activity.ts"
import { message } from "./0002_read_models/message.ts"
import { messagePart } from "./0002_read_models/message_part.ts"
import { projection } from "./0002_read_models/projection.ts"
import { request } from "./0002_read_models/request.ts"
import { step } from "./0002_read_models/step.ts"
import { thread, threadBusy, threadByUpdate } from "./0002_read_models/thread.ts"
import { toolCall } from "./0002_read_models/tool_call.ts"
import { turn } from "./0002_read_models/turn.ts"

export const readModels = [
  projection,
  thread,
  threadByUpdate,
  threadBusy,
  turn,
  message,
  messagePart,
  toolCall,
  step,
  request,
  activity
]
