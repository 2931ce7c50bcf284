"""Content of COCO's files: JSON, compressed by gzip or not."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

_GZIP = b"\x1f\x8b"


def read_content(source: Any, what: str) -> tuple[Any, str]:
    """What a file holds, and its name for messages; content that is given as it is passes through, called `what`.

    Raises:
        CourseError: the file cannot be read, or is no JSON.
    """
    if not isinstance(source, Path | str):
        return source, what
    return _parse(_read_text(source), source), str(source)


def each_record(source: Path | str, take: Callable[[Mapping], None]) -> bool:
    """Hand the records of a file of results to `take` while it is parsed, so that never all are in memory.

    Returns:
        Whether the file is a list of nothing but records with an image id, and `take` took each. If not, the file has
        to be looked at as a whole to say what is wrong.

    Raises:
        CourseError: the file cannot be read, or is no JSON.
    """
    taken = 0

    def take_record(record: dict) -> dict | None:
        nonlocal taken
        if "image_id" not in record:
            return record  # an RLE within a record
        take(record)
        taken += 1
        return None

    try:
        rest = json.loads(_read_text(source), object_hook=take_record)
    except Exception:  # whatever it is, a second look names it
        return False
    return isinstance(rest, list) and len(rest) == taken and rest.count(None) == taken


def _read_text(source: Path | str) -> str:
    try:
        content = Path(source).read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        return content.decode(json.detect_encoding(content))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CourseError(f"{source}: is damaged: {error}") from None
    except OSError as error:
        raise CourseError(f"{source}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise CourseError(f"{source}: not JSON: byte {error.start} is no {error.encoding} text") from None


def _parse(text: str, source: Path | str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{source}: not JSON: {error}") from None
