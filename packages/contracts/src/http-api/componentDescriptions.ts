/** What the components of the OpenAPI document are, in words: a sentence for each, and for those of its fields that need one. */
import { eventDescriptions } from "./eventDescriptions.ts"

export interface ComponentDescription {
  readonly is: string
  readonly has?: Readonly<Record<string, string>>
}

const commandId =
  "Makes it safe to send again: the same command has one effect. May stand in the header Idempotency-Key instead."
const rank = "How well it fits, from 0 to 1: to compare the hits of one search with."
const problem = (is: string): ComponentDescription => ({
  is,
  has: {
    detail: "A sentence for a person, which says what to do.",
    code: "What a program switches on.",
    retryable: "The same request may succeed in a moment.",
    receipt: "Of a refused command: the receipt that is remembered under its id."
  }
})

export const componentDescriptions: Readonly<Record<string, ComponentDescription>> = {
  ...eventDescriptions,

  // Commands
  Command: { is: "What a client may ask for, told apart by `type`." },
  ThreadCreate: { is: "Creates the thread `threadId`.", has: { commandId } },
  ThreadUpdate: { is: "Gives it another title or other metadata; what is absent stays.", has: { commandId } },
  ThreadArchive: { is: "Puts it away. Only one that has nothing to do.", has: { commandId } },
  ThreadUnarchive: { is: "Takes it back.", has: { commandId } },
  ThreadDelete: {
    is: "Ends what it does, and the thread itself. Its events stay in the log.",
    has: { commandId }
  },
  TurnStart: {
    is: "Sends a message and starts a turn of the agent.",
    has: {
      commandId,
      turnId: "The new turn's id, chosen by the client.",
      messageId: "The message's id, chosen by the client.",
      role: "`system` primes the model and stays out of the timeline. Absent: `user`.",
      text: "At most 80,000 UTF-16 code units."
    }
  },
  TurnInterrupt: { is: "Ends the active turn `interrupted`, or removes a queued one.", has: { commandId } },
  TurnRetry: {
    is: "Tries a failed or interrupted turn again.",
    has: { commandId, turnId: "The new attempt's id.", retryOf: "The turn to try again." }
  },
  TurnSteer: {
    is: "A message for the running turn, taken between two of its steps.",
    has: { commandId, nextTurnId: "The turn that it becomes if the running one ends without taking it." }
  },
  RequestRespond: { is: "Answers a request. The first answer wins.", has: { commandId } },
  Id: { is: "Printable ASCII characters without spaces, chosen by whoever creates the thing." },
  IfBusy: {
    is: "What to do while another turn runs: wait behind it, refuse, interrupt it, or hand it the message between two of its steps. Absent: `queue`."
  },
  DeliveryMode: {
    is: "How assistant text reaches the log and the screen: whole (`buffered`, the default), by paragraphs, or as it comes (`streaming`)."
  },
  RuntimeChoice: {
    is: "What the turn runs on. What is absent is the server's choice.",
    has: { options: "The runtime's own." }
  },
  RequestResponse: { is: "An approval's decision, or an input's answers by question id." },
  Metadata: { is: "A JSON object of the client's own, nested at most 64 deep." },

  // Receipts
  Accepted: {
    is: "The command is committed.",
    has: { version: "The thread's version of the last event that it caused." }
  },
  Rejected: { is: "The command was refused, and that is remembered." },
  Rejection: { is: "Why: `_tag` for a program, `message` for a person." },
  RejectionTag: { is: "Names what the caller can do." },

  // Views
  ThreadView: {
    is: "A thread as a person sees it: the fold of its events.",
    has: {
      version: "The version up to which events are folded in.",
      activeTurnId: "The turn that runs.",
      queue: "Turns that wait, in the order in which they will start.",
      turns: "In the order in which they were asked for."
    }
  },
  ThreadSummary: {
    is: "A thread in a list.",
    has: {
      activity: "`working` while a turn runs, `waiting` while a request is pending.",
      preview: "The beginning of the last closed message's text, at most 200 characters."
    }
  },
  TurnView: {
    is: "One run of the agent.",
    has: {
      messageId: "The message that asked for it.",
      retryOf: "The attempt before this one.",
      retriedBy: "The attempt after this one. A turn that has one has left the timeline.",
      placedAtVersion:
        "The version at which it started, or was taken out of the queue: its place among turns. `null`: it waits."
    }
  },
  MessageView: {
    is: "A person's or system's text, or the assistant's output of one step.",
    has: {
      stepId: "`null` for what a person or a system wrote.",
      status: "`open`: in progress. A `discarded` one stayed empty and is not shown."
    }
  },
  MessageRole: { is: "Who wrote it." },
  MessageClosing: { is: "How it closed. One that stayed empty is `discarded`." },
  Part: { is: "A piece of an assistant message." },
  TextPart: { is: "Text or reasoning." },
  TextKind: { is: "What the assistant says, or thinks." },
  ToolCallPart: {
    is: "A call of a tool, and what came of it.",
    has: {
      input: "Complete; the beginning of its JSON as a string when `inputTruncated`.",
      output: "What the tool printed while it ran.",
      providerExecuted: "The provider runs the tool itself.",
      closedAtVersion: "The order of results in the log."
    }
  },
  ToolCallClosing: { is: "How it closed. `denied`: a person said no." },
  StepView: { is: "One model call of a turn, with the tool calls that it asked for." },
  StepId: { is: "`turnId#index`, the index from 0." },
  RequestView: { is: "A question to a person. While it is pending the turn waits." },
  RequestKind: { is: "May it go on, or what should it know?" },
  Question: { is: "One question of an input request. Without options any text is an answer." },
  Activity: { is: "Worth keeping, and changes nothing: what a runtime said that the thread could not use." },
  Usage: {
    is: "Tokens of one model call, as the provider counted them; a count that it did not give is absent."
  },
  Failure: { is: "What went wrong, for a person (`message`) and for a program (`code`)." },

  // Answers
  ThreadsPage: { is: "Last updated first.", has: { next: "To be given as `before`." } },
  ThreadViewPage: {
    is: "A thread's view.",
    has: { before: "The oldest turn held, when the thread has older ones: where its turns go on." }
  },
  TurnsPage: { is: "In the order in which they were asked for.", has: { next: "To be given as `before`." } },
  MessagesPage: {
    is: "Turns in the order in which they were asked for, and in a turn the log's order.",
    has: { next: "To be given as `before`." }
  },
  SearchPage: {
    is: "Titles first, then messages, of each the newest first.",
    has: { next: "To be given as `before`." }
  },
  SearchHit: { is: "A thread by its title, or a message by its text." },
  TitleHit: {
    is: "A thread by its title.",
    has: { at: "When it was created.", title: "The thread's title now.", rank }
  },
  MessageHit: {
    is: "A closed message that the timeline shows.",
    has: { at: "When it closed.", title: "The thread's title now.", rank }
  },
  Snippet: {
    is: "An excerpt of a text, `…` where it was cut.",
    has: {
      marks:
        "Where what was searched for stands in it, in UTF-16 code units: in order, and apart. `to` is the first one behind."
    }
  },
  ThreadEventsPage: {
    is: "Events of a thread, in order.",
    has: {
      logId: "Names the log: a cursor of another one means nothing here.",
      version: "The thread's, when this was read.",
      next: "To be given as `after`; `null` once there is nothing more for now."
    }
  },
  LogEventsPage: {
    is: "Events of all threads, in order.",
    has: {
      logId: "Names the log: a cursor of another one means nothing here.",
      head: "The position of the log's last event, when this was read.",
      next: "To be given as `after`; `null` once there is nothing more for now."
    }
  },
  ServerInfo: {
    is: "What a server is.",
    has: {
      protocol: "The websocket's.",
      logId: "Names the log: a cursor of another one means nothing here.",
      defaultRuntime: "What turns run on when a start names no runtime."
    }
  },
  ServerLimits: {
    is: "Sizes and counts that a client must keep to.",
    has: {
      frameBytes: "The largest body, and the largest frame of the websocket, in bytes.",
      textLength: "The longest text of a command, in UTF-16 code units.",
      subscriptions: "Of one websocket.",
      creditEvents: "Events that one websocket may leave un-acked.",
      creditBytes: "Bytes that one websocket may leave un-acked.",
      stallSeconds:
        "How long a websocket may ack nothing, and how long any client may take nothing of what it is sent.",
      helloSeconds: "How long a websocket may stay without saying hello.",
      commandsInFlight:
        "Commands of one websocket that are worked on at once; past it its frames wait unread.",
      framesPerSecond:
        "Frames of one websocket that are read in a second, each started 4 KiB counted as one; past it they wait unread.",
      frameBurst: "How many of them at once, after a while of less.",
      wrongFrames:
        "Frames of one websocket that may be wrong at once, 20 more each second; past it the socket closes with 4429.",
      jsonDepth: "How deep metadata and a runtime's options may be nested.",
      sockets: "Websockets of the process, all clients together; one more is answered with 503.",
      streams: "Event streams of the process, likewise.",
      requests: "HTTP requests of the process that wait for their answer or take it, likewise."
    }
  },
  Liveness: { is: "The process answers." },
  Ready: {
    is: "Commands are taken now.",
    has: {
      lease: "Another process runs the turns when this one does not; commands are taken all the same.",
      projections: "How far the read models are behind the log, and why one stands still.",
      subscriptions:
        "Durable subscriptions of whoever embeds the server: how far each is behind the log, and why one stands still."
    }
  },
  NotReady: { is: "Commands are not taken now, or reads fail; it says why." },

  // Problems
  BadRequest: problem("The request does not have the shape that it must have."),
  Unauthorized: problem("The token is missing or wrong."),
  Forbidden: problem("A web page asks that is not let in."),
  NotFound: problem("There is no such thing."),
  RequestTimeout: problem("The body did not come in time."),
  Conflict: problem("It does not fit how things stand."),
  Gone: problem("The thread was deleted."),
  ContentTooLarge: problem("The body, or a text in it, is too large."),
  UnsupportedMediaType: problem("The body is no JSON."),
  UnprocessableContent: problem("The answer does not fit its request, or the search takes too long."),
  InternalServerError: problem("A bug of the server; its log tells more."),
  ServiceUnavailable: problem("Not now. What was sent may be sent again.")
}
