"""Content of COCO's files: JSON, compressed by gzip or not."""

import gzip
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral
from pathlib import Path
from typing import Any

from course_utils.collection import without_collection
from course_utils.errors import CourseError

_GZIP = b"\x1f\x8b"
_BATCH = 1000


def read_content(source: Any, what: str) -> tuple[Any, str]:
    """What a file holds, and its name for messages; content that is given as it is passes through, called `what`.

    Raises:
        CourseError: the file cannot be read, or is no JSON.
    """
    if not isinstance(source, Path | str):
        return source, what
    return _parse(_read_text(source), source), str(source)


def each_record(source: Path | str, take: Callable[[Sequence[Mapping]], None]) -> bool:
    """Hand the records of a file of results to `take` while it is parsed, so that never all are in memory.

    Returns:
        Whether the file is a list of nothing but records with an image id, and `take` took each. If not, the file has
        to be looked at as a whole to say what is wrong.
    """
    batch: list[Mapping] = []
    taken = 0

    def gather(record: dict) -> dict | None:
        nonlocal taken
        if "image_id" not in record:
            return record  # an RLE within a record
        batch.append(record)
        taken += 1
        if len(batch) == _BATCH:
            take(batch)
            batch.clear()
        return None

    try:
        with without_collection():
            rest = json.loads(_read_text(source), object_hook=gather)
        take(batch)
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
        with without_collection():
            return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CourseError(f"{source}: not JSON: {error}") from None


def by_id(content: Mapping, what: str, fields: Sequence[str], name: str) -> dict[Any, Mapping]:
    """Records by their ids, ascending."""
    records = unique(content, what, fields, name)
    try:
        return dict(sorted(records.items()))
    except TypeError:
        raise CourseError(f'{name}: the ids of "{what}" are texts and numbers mixed; they have no order') from None


def unique(content: Mapping, what: str, fields: Sequence[str], name: str) -> dict[Any, Mapping]:
    """Records by their ids; CourseError when one occurs twice, or a field is missing."""
    records = content.get(what)
    if not isinstance(records, Sequence) or isinstance(records, str):
        raise CourseError(f'{name}: no COCO annotations: "{what}" is missing or no list')
    found: dict[Any, Mapping] = {}
    for k, record in enumerate(records):
        if not isinstance(record, Mapping):
            raise CourseError(f'{name}: item {k} of "{what}" is {record!r:.40}, no record')
        for field in ("id", *fields):
            if field not in record:
                raise CourseError(f'{name}: item {k} of "{what}" has no "{field}"')
        own = record["id"]
        if not (isinstance(own, str | Integral) or (isinstance(own, float) and own.is_integer())):
            raise CourseError(f'{name}: item {k} of "{what}" has the id {own!r:.40}; give a number or a text')
        if own in found:
            raise CourseError(f'{name}: the id {own!r} occurs twice in "{what}"; ids must be unique')
        found[own] = record
    return found
