"""Who may ask: nothing here is for other sites that happen to be open in the same browser."""

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from course_utils.translation.say import _


def own_names(host: str) -> frozenset[str]:
    """Names by which browsers may call this machine: the one it listens on, and what it calls itself."""
    name = socket.gethostname().casefold()
    return frozenset({host.casefold(), "localhost", name, f"{name}.local"})


def host_problem(host: str, names: Collection[str]) -> str:
    """Why the Host of a request is not this demo's, or nothing.

    An attacker's page can have its own name lead to this machine ("DNS rebinding"), never a plain address.
    """
    try:
        name = (urlsplit(f"//{host}").hostname or "").casefold()
    except ValueError:  # such as "[::1"
        name = ""
    if name in names or _is_address(name):
        return ""
    words = _("the demo is not called {host}; open it by the address that it printed")
    return words.format(host=repr(host[:80]))


def origin_problem(origin: str | None, host: str) -> str:
    """Why a request comes from another site's page, or nothing; programs other than browsers state no origin."""
    if origin is None or origin.partition("://")[2] == host:
        return ""
    return _("only the demo's own page may ask it")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
