"""Who is looking: a person in a notebook, for whom a check shows its card and the run goes on, or a program."""

import os
from collections.abc import Callable

from IPython import get_ipython


def runs_on() -> bool:
    """Whether the cell that is running was sent by an editor with a person before it.

    JupyterLab, Notebook and VS Code name the cell in the request's metadata; nbclient, nbval, papermill and
    `jupyter execute` name none. Colab is known by its environment.
    """
    if "COLAB_RELEASE_TAG" in os.environ:
        return True
    parent = getattr(get_ipython(), "parent_header", None)
    return isinstance(parent, dict) and "cellId" in parent.get("metadata", {})


def offer_hint(hint: Callable[[str], None]) -> None:
    """Make `hint("...")` work in a notebook as the card says it, unless the learner has another use for the name."""
    shell = get_ipython()
    if shell is not None:
        shell.user_ns.setdefault("hint", hint)
