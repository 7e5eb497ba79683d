"""Drives a server through the client: modes, an approval, interrupts, cuts in mid-answer. Prints the views it ended with, as JSON."""

import asyncio
import json
import sys

from spillway_client import Rejected, Thread, head, tail, units


def ended(turn_id):
    def holds(view):
        turn = view.turn(turn_id)
        return turn if turn is not None and turn["status"] not in ("queued", "active") else None

    return holds


def scripted(script, **options):
    return {"runtime": "scripted", "options": {"script": script, **options}}


async def with_thread(url, thread_id, use):
    thread = Thread(url, thread_id)
    running = asyncio.create_task(thread.run())
    try:
        await thread.command("thread.create", title=f"Python: {thread_id}")
        await use(thread)
        return thread.view.state
    finally:
        running.cancel()


async def each_mode(thread):
    for mode in ("buffered", "streaming", "paragraph"):
        turn_id = await thread.start_turn(f"In the mode {mode}: \U0001f30a", mode=mode)
        turn = await thread.until(ended(turn_id))
        assert turn["status"] == "completed", turn


async def approval(thread):
    turn_id = await thread.start_turn("Open gate 2 a little.", choice=scripted("approval"))
    (request,) = await thread.until(lambda view: view.pending_requests())
    answer = {"requestId": request["requestId"], "response": {"type": "approval", "decision": "approve"}}
    await thread.command("thread.request.respond", **answer)
    assert (await thread.until(ended(turn_id)))["status"] == "completed"
    try:
        await thread.command("thread.request.respond", **answer)
        raise AssertionError("a second answer was taken")
    except Rejected as refused:
        assert refused.code == "RequestAlreadyResolved", refused.code


async def interrupted(thread):
    turn_id = await thread.start_turn("Go on for long.", choice=scripted("stream", deltas=200, deltaSize=10, intervalMs=50))
    await thread.until(said)
    await thread.command("thread.turn.interrupt", turnId=turn_id)
    assert (await thread.until(ended(turn_id)))["status"] == "interrupted"


def said(view):
    return "".join(view.text_of(message) for message in view.timeline() if message["role"] == "assistant")


async def cut(thread):
    """The connection is dropped again and again while an answer is written; what was seen is never taken back."""
    answer = scripted("stream", deltas=200, deltaSize=10, intervalMs=20)
    turn_id = await thread.start_turn("Tell me, whatever happens.", choice=answer)
    for count in range(1, 4):
        seen = await thread.until(lambda view: said(view) if len(said(view)) >= 300 * count else None)
        assert ended(turn_id)(thread.view) is None, "the answer ended before it was cut"
        await thread.cut()
        await thread.until(lambda view: thread.connections > count)
        again = await thread.until(lambda view: said(view) if len(said(view)) > len(seen) else None)
        assert again.startswith(seen), (seen, again)
    assert (await thread.until(ended(turn_id)))["status"] == "completed"
    assert len(said(thread.view)) == 2_000, len(said(thread.view))


async def main(url):
    assert units("a\U0001f30ab") == 4 and head("a\U0001f30ab", 3) == "a\U0001f30a" and tail("a\U0001f30ab", 3) == "b"
    views = await asyncio.gather(
        with_thread(url, "python-modes", each_mode),
        with_thread(url, "python-approval", approval),
        with_thread(url, "python-interrupt", interrupted),
        with_thread(url, "python-cut", cut),
    )
    print(json.dumps(views, ensure_ascii=False))


asyncio.run(main(sys.argv[1]))
