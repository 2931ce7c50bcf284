"""Ending code that takes too long, in the main thread of any process, on any system."""

import contextlib
import ctypes
import signal
import threading
from collections.abc import Iterator

_AGAIN = 1.0  # seconds until code that swallows the first `Stopped` meets the next


class Stopped(BaseException):
    """Raised in code whose time is over; no `except Exception` on its way holds it up."""


@contextlib.contextmanager
def stop_after(seconds: float) -> Iterator[None]:
    """Raise `Stopped` in the body when it still runs after some seconds; only in the main thread, elsewhere do nothing.

    Python code is stopped between two of its steps; a single long call into a library only when it comes back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
    elif hasattr(signal, "setitimer"):
        with _by_alarm(seconds):
            yield
    else:
        with _by_thread(seconds):
            yield


@contextlib.contextmanager
def _by_alarm(seconds: float) -> Iterator[None]:
    running = True

    def ring(*_) -> None:
        if running:
            raise Stopped

    before = signal.signal(signal.SIGALRM, ring)
    timer = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)
    try:
        yield
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def _by_thread(seconds: float) -> Iterator[None]:
    """Where there are no alarms (Windows), a thread raises the error in the main one."""
    main, over, lock = threading.get_ident(), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            with lock:
                if not over.is_set():
                    _raise_in(main)
            wait = _AGAIN

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        while not over.is_set():  # a `Stopped` that comes meanwhile comes too late
            with contextlib.suppress(Stopped), lock:
                over.set()
        _take_what_is_on_its_way(main)


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Stopped))


def _take_what_is_on_its_way(main: int) -> None:
    """Meet a `Stopped` that may have been sent and not yet raised, by sending another, which takes its place.

    It could be withdrawn, too (NULL instead of an error), but where none is left, Python goes on to wait for it: from
    then on, version 3.11 hangs as soon as a function is called under `sys.settrace`.
    """
    with contextlib.suppress(Stopped):
        _raise_in(main)
        while True:
            pass
