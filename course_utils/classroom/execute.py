"""Running a solved edition, and judging what came out."""

import os
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from course_utils.classroom.source import Cell
from course_utils.errors import CourseError

CELL_SECONDS = 180
OUTPUT_BYTES = 400_000
# Without it each kernel warns that others on this machine might listen.
_ENCRYPTED = Config(KernelManager={"transport_encryption": "auto"})
_WIDGET = "application/vnd.jupyter.widget-view+json"


def execute(notebook: NotebookNode, cells: list[Cell], folder: Path) -> None:
    """Run all cells of a notebook in place, in a kernel whose working directory is `folder`.

    Raises:
        CourseError: a cell fails, takes too long, kills the kernel, warns, or puts out what a lesson may not hold.
    """
    # Figures and sums come out the same whatever the machine's number of cores.
    environment = {**os.environ, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "2", "MPLBACKEND": "agg"}
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=True,  # without it, nbclient fails on a widget that holds outputs
        resources={"metadata": {"path": str(folder)}},
        shutdown_kernel="immediate",  # after an interruption a slow farewell would print tracebacks
        config=_ENCRYPTED,
    )
    with client.setup_kernel(env=environment):
        for index, (node, cell) in enumerate(zip(notebook.cells, cells, strict=True)):
            try:
                client.execute_cell(node, index)
            except CellExecutionError as error:
                raise CourseError(f"{cell.where}: {error.ename}: {_first_line(error.evalue)}") from None
            except CellTimeoutError:
                raise CourseError(f"{cell.where}: still running after {CELL_SECONDS} s") from None
            except DeadKernelError:
                raise CourseError(f"{cell.where}: the kernel died; out of memory?") from None
            if cell.kind == "code":
                node.outputs = [_checked(output, cell) for output in _joined(node.outputs) if not _is_widget(output)]
    notebook.metadata.language_info = {"name": "python"}


def _first_line(text: str) -> str:
    return text.strip().split("\n")[0]


def _is_widget(output: NotebookNode) -> bool:
    """Widgets live in a kernel; a stored one shows nothing and has another id each time."""
    return _WIDGET in output.get("data", {})


def _joined(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Prints that arrive in pieces, as one: how they are cut is chance."""
    joined: list[NotebookNode] = []
    for output in outputs:
        previous = joined[-1] if joined else None
        if previous and output.output_type == previous.output_type == "stream" and output.name == previous.name:
            previous.text += output.text
        else:
            joined.append(output)
    return joined


def _checked(output: NotebookNode, cell: Cell) -> NotebookNode:
    if output.get("name") == "stderr":
        raise CourseError(f"{cell.where}: prints to stderr: {_first_line(output.text)}")
    for mime, payload in {"text/plain": output.get("text", ""), **output.get("data", {})}.items():
        alt = output.get("metadata", {}).get(mime, {}).get("alt", "")
        if mime.startswith("image/") and not alt.strip():
            raise CourseError(f"{cell.where}: a figure without alt text; show it with course_utils.plots.style.show")
        if len(str(payload)) > OUTPUT_BYTES:
            raise CourseError(
                f"{cell.where}: an output of {len(str(payload))} bytes; at most {OUTPUT_BYTES} are allowed"
            )
    output.pop("transient", None)
    return output
