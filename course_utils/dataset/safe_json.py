"""Reading a JSON file that nobody vouches for: its size and its shape are looked at before it is parsed."""

import gzip
import io
import json
import re
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from course_utils.collection import without_collection
from course_utils.errors import CourseError

MAX_MEGABYTES = 512
"""COCO's own largest file, the masks of train2017, has 470."""

MAX_DEPTH = 64

MAX_CONTAINERS = 2 * 10**7
"""Lists and objects in one file; train2017 has some five million. Empty ones take thirty times their text in memory."""

_CHUNK = 2**22


_GZIP = b"\x1f\x8b"


def read_json(path: Path) -> Any:
    """What a JSON file holds; one that gzip compressed is read as well, whatever its name, and so is UTF-16.

    Raises:
        CourseError: it cannot be read, is larger than `MAX_MEGABYTES`, nested deeper than `MAX_DEPTH`, has more than
            `MAX_CONTAINERS` lists and objects, or is no JSON.
    """
    try:
        depth, containers = measure(path)
        if depth > MAX_DEPTH:
            raise CourseError(f"{path}: is nested deeper than {depth - 1} levels; no annotation file is")
        if containers > MAX_CONTAINERS:
            raise CourseError(f"{path}: holds more than {MAX_CONTAINERS} lists and objects; split it")
        with _open(path) as file:
            content = file.read()
        if not content:
            raise CourseError(f"{path}: is empty")
        with without_collection():
            return json.loads(content)
    except UnicodeDecodeError:
        raise CourseError(f"{path}: not JSON in UTF-8; save it in that encoding") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise CourseError(f"{path}: its gzip compression is damaged: {error}") from None
    except OSError as error:
        raise CourseError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{path}: not JSON: {error}") from None


def _open(path: Path) -> io.BufferedIOBase:
    with path.open("rb") as file:
        compressed = file.read(2) == _GZIP
    return gzip.GzipFile(path) if compressed else path.open("rb")


def measure(path: Path) -> tuple[int, int]:
    """How deep brackets and braces nest outside of texts, and how many open; it stops soon after either limit.

    The file is scanned in pieces, so that neither a long file nor a deep one costs memory.

    Raises:
        CourseError: it has more than `MAX_MEGABYTES`, unpacked. OSError, EOFError, zlib.error: it cannot be read.
    """
    depth = deepest = containers = 0
    in_text = False
    carried = b""
    _insist_on_size(path, path.stat().st_size)
    read = 0
    with _open(path) as file:
        while piece := file.read(_CHUNK):
            read += len(piece)
            _insist_on_size(path, read)
            piece = carried + piece
            # A backslash at the end belongs to a character that is not read yet.
            odd = (len(piece) - len(piece.rstrip(b"\\"))) % 2
            carried = b"\\" if odd else b""
            plain = piece[: len(piece) - odd]
            if b"\\" in plain:
                plain = re.sub(rb"\\.", b"", plain, flags=re.DOTALL)
            symbols = np.frombuffer(plain, dtype=np.uint8)
            quotes = np.cumsum(symbols == ord('"'), dtype=np.uint8) + np.uint8(in_text)
            outside = quotes & 1 == 0
            opening = ((symbols == ord("[")) | (symbols == ord("{"))) & outside
            closing = ((symbols == ord("]")) | (symbols == ord("}"))) & outside
            containers += int(np.count_nonzero(opening))
            depths = depth + np.cumsum(opening.astype(np.int8) - closing.astype(np.int8), dtype=np.int32)
            if len(depths):
                depth, deepest = int(depths[-1]), max(deepest, int(depths.max()))
                in_text = bool(quotes[-1] & 1)
            if deepest > MAX_DEPTH or containers > MAX_CONTAINERS:
                return min(deepest, MAX_DEPTH + 1), containers
    return deepest, containers


def _insist_on_size(path: Path, size: int) -> None:
    if size > MAX_MEGABYTES * 2**20:
        raise CourseError(f"{path}: has {size / 2**20:.0f} MiB, at most {MAX_MEGABYTES} are read; split it")
