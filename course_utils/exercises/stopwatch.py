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
    main, over, lock = ctypes.c_ulong(threading.get_ident()), threading.Event(), threading.Lock()

    def watch() -> None:
        wait = seconds
        while not over.wait(wait):
            with lock:
                if not over.is_set():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(main, ctypes.py_object(Stopped))
            wait = _AGAIN

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        with lock:
            over.set()
            ctypes.pythonapi.PyThreadState_SetAsyncExc(main, None)  # one that is on its way
