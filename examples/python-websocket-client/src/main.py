"""Asks a question in a thread and prints the answer while it is written.

    python main.py ws://127.0.0.1:4000/v1/ws "What is a spillway?"
"""

import asyncio
import os
import sys
import uuid

from spillway_client import Rejected, Thread


async def main(url, question):
    thread = Thread(url, str(uuid.uuid4()), os.environ.get("SPILLWAY_TOKEN"))
    running = asyncio.create_task(thread.run())
    try:
        await thread.command("thread.create", title=question[:60])
        turn_id = await thread.start_turn(question)
        printed = ""
        while True:
            status, said = await thread.until(lambda view: news(view, turn_id, printed))
            print(said[len(printed) :], end="", flush=True)
            printed = said
            for request in thread.view.pending_requests():
                answer = await asyncio.to_thread(input, f"\n{request['title']} [y/n] ")
                decision = "approve" if answer.strip().startswith("y") else "deny"
                await thread.command(
                    "thread.request.respond",
                    requestId=request["requestId"],
                    response={"type": "approval", "decision": decision},
                )
            if status not in ("queued", "active"):
                print(f"\n{status}")
                return 0 if status == "completed" else 1
    finally:
        running.cancel()


def news(view, turn_id, printed):
    """The turn's status and what the assistant has said in it, as soon as one of them is news."""
    turn = view.turn(turn_id)
    if turn is None:
        return None
    said = "".join(view.text_of(m) for m in view.timeline() if m["role"] == "assistant" and m["turnId"] == turn_id)
    ended = turn["status"] not in ("queued", "active")
    return (turn["status"], said) if said != printed or ended or view.pending_requests() else None


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python main.py ws://127.0.0.1:4000/v1/ws QUESTION")
    try:
        sys.exit(asyncio.run(main(*sys.argv[1:])))
    except Rejected as refused:
        sys.exit(str(refused))
