"""Twelve quick clicks in the demo: how long the last answer takes beside one that is asked for alone.

usage: python benchmarks/clicks.py [ROUNDS]     (10 if none is given)
"""

import asyncio
import http.client
import statistics
import sys
import threading
import time

import torch

from course_utils.demo.analysis import Analyst
from course_utils.demo.server import example_plates, serve

THREADS = 2
PAUSE = 0.05
"""Seconds between two clicks; a browser lets go of the question before with each new one."""


def main(rounds: int) -> None:
    """Print a row for each round, then the medians and the worst round."""
    address, names = running(), list(example_plates())
    for name in names:  # all are computed once before, so that no answer is the first of its kind
        finish(ask(address, name))
    print(f"demo, {torch.get_num_threads()} threads\n{'round':>5}{'alone':>10}{'last of 12':>14}{'ratio':>8}")
    alone, last = [], []
    for turn in range(rounds):
        order = names[(turn + 3) % 12 :] + names[: (turn + 3) % 12]
        # The server remembers the last few plates: the one that counts is asked for long before and long after.
        alone.append(seconds_for(address, order[-1]))
        for name in order[:5]:
            finish(ask(address, name))
        for name in order[:-1]:
            clicked = ask(address, name)
            time.sleep(PAUSE)
            clicked.close()
        last.append(seconds_for(address, order[-1]))
        print(f"{turn + 1:5}{alone[-1]:8.3f} s{last[-1]:12.3f} s{last[-1] / alone[-1]:8.2f}", flush=True)
    before, after = statistics.median(alone), statistics.median(last)
    worst = max(b / a for a, b in zip(alone, last, strict=True))
    print(f"medians {before:.3f} s and {after:.3f} s: {after / before:.2f}; worst {worst:.2f}")


def running() -> tuple[str, int]:
    """Start the demo in a thread; its host and port."""
    loop, port, started = asyncio.new_event_loop(), [], threading.Event()

    async def start() -> None:
        port.append(await serve(Analyst(), "127.0.0.1", 0))
        started.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.create_task(start())
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    started.wait()
    return "127.0.0.1", port[0]


def ask(address: tuple[str, int], name: str) -> http.client.HTTPConnection:
    """A click on an example plate."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request("POST", f"/plates/{name}", b"")
    return connection


def finish(connection: http.client.HTTPConnection) -> None:
    """Wait for the whole answer."""
    answer = connection.getresponse()
    content = answer.read()
    if answer.status != 200:
        raise RuntimeError(content.decode())
    connection.close()


def seconds_for(address: tuple[str, int], name: str) -> float:
    """How long the answer for a plate takes."""
    start = time.perf_counter()
    finish(ask(address, name))
    return time.perf_counter() - start


if __name__ == "__main__":
    torch.set_num_threads(THREADS)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
