"""A client of one thread, written from docs/protocol.md alone: the standard library and the package websockets.

It folds events into a view as the server does, lays live text over it, sends each command until it is answered, and comes back
where it was when the connection ends.
"""

import asyncio
import json
import random
import uuid

import websockets

PROTOCOL = "spillway.v1"

# After these the server says no again: mend the client, or bring another token.
NEVER_AGAIN = {4400, 4401, 4406}


class Rejected(Exception):
    """The server refused a command, and remembers that. `code` is for the program, the text for the person."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def units(text):
    """How long a text is in UTF-16 code units, in which the protocol counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text, count):
    """The first `count` UTF-16 code units of a text."""
    return text.encode("utf-16-le", "surrogatepass")[: 2 * count].decode("utf-16-le", "surrogatepass")


def tail(text, count):
    """What stands behind the first `count` UTF-16 code units of a text."""
    return text.encode("utf-16-le", "surrogatepass")[2 * count :].decode("utf-16-le", "surrogatepass")


def empty_view(thread_id):
    return {
        "threadId": thread_id,
        "version": 0,
        "status": "active",
        "title": None,
        "metadata": {},
        "createdAt": "",
        "updatedAt": "",
        "activeTurnId": None,
        "queue": [],
        "turns": [],
    }


class View:
    """A thread as a person sees it: the fold of its events, with live text beside it."""

    def __init__(self, thread_id):
        self.state = empty_view(thread_id)
        self._overlay = {}  # (messageId, kind, partId) → (offset, text)

    @property
    def version(self):
        return self.state["version"]

    def reset(self, state):
        self.state = state
        self._overlay = {}

    def forget_live_text(self):
        self._overlay = {}

    # ---- events ------------------------------------------------------------------------------------------------

    def fold(self, event):
        if event["version"] <= self.version:
            return
        if event["version"] != self.version + 1:
            raise AssertionError(f"version {event['version']} follows {self.version}")
        apply = getattr(self, "_" + event["type"].removeprefix("thread.").replace("-", "_").replace(".", "_"), None)
        if apply is not None:
            apply(event["data"], event)
        self.state["version"] = event["version"]
        self.state["updatedAt"] = event["at"]

    def turn(self, turn_id):
        return next((turn for turn in self.state["turns"] if turn["turnId"] == turn_id), None)

    def _message(self, message_id):
        for turn in self.state["turns"]:
            for message in turn["messages"]:
                if message["messageId"] == message_id:
                    return message
        return None

    def _call(self, data):
        message = self._message(data["messageId"])
        for part in message["parts"] if message else []:
            if part.get("toolCallId") == data["toolCallId"]:
                return part
        return None

    def _request(self, data):
        turn = self.turn(data["turnId"])
        for request in turn["requests"] if turn else []:
            if request["requestId"] == data["requestId"]:
                return request
        return None

    def _created(self, data, event):
        self.state.update(title=data.get("title"), metadata=data.get("metadata", {}), createdAt=event["at"])

    def _updated(self, data, event):
        self.state.update({key: data[key] for key in ("title", "metadata") if key in data})

    def _archived(self, data, event):
        self.state["status"] = "archived"

    def _unarchived(self, data, event):
        self.state["status"] = "active"

    def _deleted(self, data, event):
        self.state["status"] = "deleted"

    def _turn_start_requested(self, data, event):
        retried = self.turn(data["retryOf"]) if data["retryOf"] is not None else None
        turn = {
            **{key: data[key] for key in ("turnId", "messageId", "assistantDeliveryMode", "choice", "retryOf")},
            "status": "queued",
            "interruptRequested": False,
            "retriedBy": None,
            "reason": None,
            "error": None,
            "requestedAt": event["at"],
            "startedAt": None,
            "placedAtVersion": None,
            "endedAt": None,
            "messages": [],
            "steps": [],
            "requests": [],
            "activities": [],
        }
        if retried is not None:
            retried["retriedBy"] = data["turnId"]
            asked = self._message(data["messageId"])
            if asked is not None:
                turn["messages"].append({**asked, "turnId": data["turnId"]})
        self.state["turns"].append(turn)

    def _message_sent(self, data, event):
        turn = self.turn(data["turnId"])
        if turn is None:
            return
        turn["messages"].append(
            {
                "messageId": data["messageId"],
                "turnId": data["turnId"],
                "stepId": None,
                "role": data["role"],
                "status": "completed",
                "actor": event["actor"],
                "runtime": None,
                "model": None,
                "parts": [{"type": "text", "partId": f"{data['messageId']}/text", "text": data["text"]}],
                "error": None,
                "openedAt": event["at"],
                "openedAtVersion": event["version"],
                "closedAt": event["at"],
            }
        )

    def _turn_queued(self, data, event):
        queue = self.state["queue"]
        queue.insert(0 if data["front"] else len(queue), data["turnId"])

    def _leave_queue(self, turn_id):
        self.state["queue"] = [queued for queued in self.state["queue"] if queued != turn_id]

    def _turn_started(self, data, event):
        self._leave_queue(data["turnId"])
        self.state["activeTurnId"] = data["turnId"]
        turn = self.turn(data["turnId"])
        if turn is not None:
            turn.update(status="active", startedAt=event["at"], placedAtVersion=event["version"])

    def _turn_interrupt_requested(self, data, event):
        turn = self.turn(data["turnId"])
        if turn is not None:
            turn["interruptRequested"] = True

    def _end(self, status, data, event):
        self._leave_queue(data["turnId"])
        if self.state["activeTurnId"] == data["turnId"]:
            self.state["activeTurnId"] = None
        turn = self.turn(data["turnId"])
        if turn is not None:
            turn.update(status=status, reason=data["reason"], error=data.get("error"), endedAt=event["at"])
            if turn["placedAtVersion"] is None:
                turn["placedAtVersion"] = event["version"]
        self._overlay = {}

    def _turn_completed(self, data, event):
        self._end("completed", data, event)

    def _turn_failed(self, data, event):
        self._end("failed", data, event)

    def _turn_interrupted(self, data, event):
        self._end("interrupted", data, event)

    def _step_opened(self, data, event):
        turn = self.turn(data["turnId"])
        if turn is not None:
            step = {"stepId": data["stepId"], "status": "open", "usage": {}, "finishReason": None, "responseId": None}
            turn["steps"].append(step)

    def _step_closed(self, data, event):
        turn = self.turn(data["turnId"])
        for step in turn["steps"] if turn else []:
            if step["stepId"] == data["stepId"]:
                step.update(status="closed", **{key: data[key] for key in ("usage", "finishReason", "responseId")})

    def _message_opened(self, data, event):
        turn = self.turn(data["turnId"])
        if turn is None:
            return
        turn["messages"].append(
            {
                **{key: data[key] for key in ("messageId", "turnId", "stepId", "runtime", "model")},
                "role": "assistant",
                "status": "open",
                "actor": event["actor"],
                "parts": [],
                "error": None,
                "openedAt": event["at"],
                "openedAtVersion": event["version"],
                "closedAt": None,
            }
        )

    def _message_segment_appended(self, data, event):
        message = self._message(data["messageId"])
        if message is None:
            return
        part = next((part for part in message["parts"] if part["partId"] == data["partId"]), None)
        if part is None:
            part = {"type": data["kind"], "partId": data["partId"], "text": ""}
            message["parts"].append(part)
        part["text"] += data["text"]

    def _message_closed(self, data, event):
        message = self._message(data["messageId"])
        if message is not None:
            message.update(status=data["status"], error=data["error"], closedAt=event["at"])
        self._overlay = {
            key: held for key, held in self._overlay.items() if key[0] != data["messageId"] or key[1] == "tool-output"
        }

    def _tool_call_opened(self, data, event):
        message = self._message(data["messageId"])
        if message is None:
            return
        fields = ("partId", "toolCallId", "name", "input", "inputTruncated", "providerExecuted")
        message["parts"].append(
            {
                "type": "tool-call",
                **{key: data[key] for key in fields},
                "status": "open",
                "output": "",
                "outputTruncated": False,
                "result": None,
                "resultTruncated": False,
                "error": None,
                "closedAtVersion": None,
            }
        )

    def _tool_call_output_appended(self, data, event):
        call = self._call(data)
        if call is not None:
            call["output"] += data["text"]
            call["outputTruncated"] = call["outputTruncated"] or data["truncated"]

    def _tool_call_closed(self, data, event):
        call = self._call(data)
        if call is not None:
            call.update({key: data[key] for key in ("status", "result", "resultTruncated", "error")})
            call["closedAtVersion"] = event["version"]

    def _request_opened(self, data, event):
        turn = self.turn(data["turnId"])
        if turn is not None:
            turn["requests"].append({**data, "status": "pending", "response": None, "openedAt": event["at"]})

    def _request_resolved(self, data, event):
        request = self._request(data)
        if request is not None:
            request.update(status="resolved", response=data["response"])

    def _request_withdrawn(self, data, event):
        request = self._request(data)
        if request is not None:
            request["status"] = "withdrawn"

    def _activity_recorded(self, data, event):
        activity = data["activity"]
        turn = self.turn(data["turnId"]) if data["turnId"] is not None else None
        if turn is not None:
            turn["activities"].append(activity)
        if activity["type"] == "message-metadata":
            message = self._message(activity["messageId"])
            if message is not None:
                message["model"] = activity["model"]

    # ---- live text ---------------------------------------------------------------------------------------------

    def lay(self, frame):
        """Puts a piece of text that is not in the log yet where it belongs; one that leaves a gap is ignored."""
        durable = self._durable(frame)
        if durable is None:
            return
        key = (frame["messageId"], frame["kind"], frame["partId"])
        begins, text = self._overlay.get(key, (durable, ""))
        end = max(durable, begins + units(text))
        offset = frame["offset"]
        if offset > end or offset + units(frame["text"]) <= end:
            return
        if text != "" and begins <= offset <= begins + units(text):
            self._overlay[key] = (begins, head(text, offset - begins) + frame["text"])
        else:
            self._overlay[key] = (offset, frame["text"])

    def _durable(self, frame):
        message = self._message(frame["messageId"])
        if message is None:
            return None
        part = next((part for part in message["parts"] if part["partId"] == frame["partId"]), None)
        if frame["kind"] in ("text", "reasoning"):
            return (units(part["text"]) if part else 0) if message["status"] == "open" else None
        if frame["kind"] == "tool-output":
            return units(part["output"]) if part and part["status"] == "open" else None
        return 0 if message["status"] == "open" and part is None else None

    def text_of(self, message):
        """What a message says, live text included."""
        said = ""
        shown = set()
        for part in message["parts"]:
            if part["type"] != "text":
                continue
            shown.add(part["partId"])
            said += part["text"]
            begins, text = self._overlay.get((message["messageId"], "text", part["partId"]), (0, ""))
            said += tail(text, max(0, units(part["text"]) - begins))
        for (message_id, kind, part_id), (_, text) in self._overlay.items():
            if message_id == message["messageId"] and kind == "text" and part_id not in shown:
                said += text
        return said

    def timeline(self):
        """The messages to show, in order."""
        turns = [turn for turn in self.state["turns"] if turn["retriedBy"] is None]
        queue = self.state["queue"]
        turns.sort(
            key=lambda turn: (
                (0, turn["placedAtVersion"])
                if turn["placedAtVersion"] is not None
                else (1, queue.index(turn["turnId"]) if turn["turnId"] in queue else len(queue))
            )
        )
        asks = {turn["messageId"]: turn["turnId"] for turn in turns}
        shown = []
        for turn in turns:
            own = [m for m in turn["messages"] if asks.get(m["messageId"], turn["turnId"]) == turn["turnId"]]
            if all(message["messageId"] != turn["messageId"] for message in own):
                asked = self._message(turn["messageId"])
                own = ([asked] if asked is not None else []) + own
            shown += [m for m in own if m["role"] != "system" and m["status"] != "discarded"]
        return shown

    def pending_requests(self):
        return [
            request
            for turn in self.state["turns"]
            if turn["status"] == "active"
            for request in turn["requests"]
            if request["status"] == "pending"
        ]


class Thread:
    """Follows one thread and sends commands to it, over as many connections as it takes. `run` does the work."""

    def __init__(self, url, thread_id, token=None):
        self.url = url
        self.thread_id = thread_id
        self.token = token
        self.view = View(thread_id)
        self.connections = 0
        self._log_id = None
        self._socket = None
        self._unanswered = {}  # commandId → (command, future)
        self._changed = asyncio.Condition()

    # ---- commands ----------------------------------------------------------------------------------------------

    async def command(self, type, **fields):
        """Sends a command until it is answered, also over several connections. Returns the receipt."""
        command = {"type": type, "commandId": str(uuid.uuid4()), "threadId": self.thread_id, **fields}
        answered = asyncio.get_running_loop().create_future()
        self._unanswered[command["commandId"]] = (command, answered)
        await self._send({"type": "command", "command": command})
        return await answered

    async def start_turn(self, text, mode="streaming", choice=None):
        turn_id = str(uuid.uuid4())
        await self.command(
            "thread.turn.start",
            turnId=turn_id,
            messageId=str(uuid.uuid4()),
            text=text,
            assistantDeliveryMode=mode,
            **({"choice": choice} if choice is not None else {}),
        )
        return turn_id

    async def until(self, holds):
        """Waits until the view is as `holds` says, and gives what that returned."""
        async with self._changed:
            await self._changed.wait_for(lambda: holds(self.view))
            return holds(self.view)

    async def cut(self):
        """Drops the connection, as a network would."""
        if self._socket is not None and self._socket.transport is not None:
            self._socket.transport.abort()

    # ---- the connection ----------------------------------------------------------------------------------------

    async def run(self):
        """Connects and comes back, until it is cancelled or the server says that there is no use."""
        pause = 0.25
        while True:
            try:
                async with websockets.connect(self.url, max_size=None, ping_interval=None) as socket:
                    await self._hello(socket)
                    pause = 0.25
                    async for text in socket:
                        await self._on_frame(json.loads(text))
            except websockets.ConnectionClosed as closed:
                if (closed.rcvd.code if closed.rcvd else None) in NEVER_AGAIN:
                    raise
            except OSError:
                pass
            finally:
                self._socket = None
                self.view.forget_live_text()
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(10, pause * 2)

    async def _hello(self, socket):
        hello = {"type": "hello", "protocol": PROTOCOL}
        await socket.send(json.dumps({**hello, "token": self.token} if self.token is not None else hello))
        welcome = json.loads(await socket.recv())
        if welcome["type"] == "error":
            raise Rejected(welcome["code"], welcome["message"])
        if welcome["logId"] != self._log_id:
            self.view.reset(empty_view(self.thread_id))
            self._log_id = welcome["logId"]
        self.view.forget_live_text()
        self._socket = socket
        self.connections += 1
        await self._subscribe()
        for command, _ in list(self._unanswered.values()):
            await self._send({"type": "command", "command": command})

    async def _subscribe(self):
        cursor = {"afterVersion": self.view.version, "logId": self._log_id} if self.view.version > 0 else "snapshot"
        subscription = {"to": "thread", "threadId": self.thread_id, "from": cursor}
        await self._send({"type": "subscribe", "id": "main", "subscription": subscription})

    async def _send(self, frame):
        if self._socket is None:
            return  # What has no answer is sent again on the next connection.
        try:
            await self._socket.send(json.dumps(frame))
        except websockets.ConnectionClosed:
            pass

    async def _on_frame(self, frame):
        kind = frame["type"]
        if kind == "events":
            for event in frame["events"]:
                self.view.fold(event)
        elif kind == "snapshot":
            self.view.reset(frame["view"])
        elif kind == "live":
            for piece in frame["frames"]:
                self.view.lay(piece)
        elif kind == "receipt":
            await self._answered(frame["receipt"])
        elif kind == "error":
            await self._on_error(frame)
        elif kind == "ping":
            await self._send({"type": "pong"})
        if "seq" in frame:
            await self._send({"type": "ack", "seq": frame["seq"]})
        async with self._changed:
            self._changed.notify_all()

    async def _answered(self, receipt):
        command, answered = self._unanswered.pop(receipt["commandId"], (None, None))
        if answered is None or answered.done():
            return
        if receipt["status"] == "accepted":
            answered.set_result(receipt)
            if command["type"] == "thread.create" and self.view.version == 0:
                await self._subscribe()  # It was refused while there was no thread.
        else:
            answered.set_exception(Rejected(receipt["rejection"]["_tag"], receipt["rejection"]["message"]))

    async def _on_error(self, frame):
        command_id = frame.get("commandId")
        if command_id in self._unanswered:
            if frame["retryable"]:
                await asyncio.sleep(0.5)
                await self._send({"type": "command", "command": self._unanswered[command_id][0]})
            else:
                _, answered = self._unanswered.pop(command_id)
                answered.set_exception(Rejected(frame["code"], frame["message"]))
        # cursor-invalid: a snapshot follows. thread-not-found: subscribed again once it is created.
        # subscription-exists: the one that was there goes on.
