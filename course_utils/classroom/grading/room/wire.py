"""Values as bytes and back: inputs into the sandbox, results out of it.

Reading executes nothing and trusts nothing: a JSON text says what there is, raw bytes behind it hold the arrays, and
whatever is too deep, too large or of another kind than it claims is refused. Results come from a learner, so they are
never pickled; only networks that the grader hands to an answer are.
"""

import dataclasses
import functools
import json
import math
import pickle
from typing import Any

import numpy as np

LARGEST = 64 * 2**20
"""Bytes that one message may have."""
_LONGEST_JSON = 8 * 2**20
_DEEPEST = 60
_MOST_ITEMS = 2_000_000
_LONGEST_TEXT = 1_000_000
_RAW = "biufc"  # kinds of arrays that travel as bytes


class NotOnTheWire(ValueError):
    """A value that cannot be sent, or bytes that are no message; the text says why."""


class Opaque:
    """Stands for a value that cannot travel: it tells its type, and is equal to nothing."""

    def __init__(self, type_name: str):
        self._type_name = type_name

    def __repr__(self) -> str:
        """What the learner reads in its place."""
        return f"<an object of type {self._type_name}>"

    __eq__: Any = None
    __hash__ = object.__hash__


@functools.lru_cache(1000)
def _opaque(type_name: str) -> Opaque:
    """The stand-in of an object; its class has the object's name, for whoever says what kind of thing it is."""
    return type(type_name, (Opaque,), {})(type_name)


def dumps(
    value: Any, records: dict[str, type] | None = None, strict: bool = False, with_networks: bool = False
) -> bytes:
    """A value as one message.

    Args:
        value: None, `...`, bools, numbers, texts, bytes, arrays and tensors, and lists, tuples, sets and dictionaries
            of them; anything else arrives as `Opaque`.
        records: name -> dataclass, of those that are sent field by field.
        strict: whether to refuse what would arrive as `Opaque`.
        with_networks: whether to send torch's own modules too, pickled; for the way into the sandbox alone.

    Raises:
        NotOnTheWire: it is too deep or too large, or of another kind and `strict`.
    """
    writer = _Writer(records or {}, strict, with_networks)
    text = json.dumps(writer.write(value, 0)).encode()
    message = b"".join([len(text).to_bytes(8, "big"), text, *writer.buffers])
    if len(message) > LARGEST or len(text) > _LONGEST_JSON:
        raise NotOnTheWire(f"larger than {LARGEST // 2**20} MB")
    return message


def loads(message: bytes, records: dict[str, type] | None = None, with_networks: bool = False) -> Any:
    """The value of a message.

    Args:
        records: as in `dumps`.
        with_networks: whether to unpickle networks: only inside the sandbox, where the sender is the grader.

    Raises:
        NotOnTheWire: it is none.
    """
    try:
        if len(message) > LARGEST or int.from_bytes(message[:8], "big") > _LONGEST_JSON:
            raise NotOnTheWire("too large")
        end = 8 + int.from_bytes(message[:8], "big")
        reader = _Reader(memoryview(message)[end:], records or {}, with_networks)
        value = reader.read(json.loads(message[8:end]), 0)
        if reader.at != len(reader.buffer):
            raise NotOnTheWire("bytes are left over")
        return value
    except NotOnTheWire:
        raise
    except Exception as error:  # whatever numpy, torch and dataclasses raise of what was made to trip them
        raise NotOnTheWire(f"no message: {type(error).__name__}") from None


class _Writer:
    def __init__(self, records: dict[str, type], strict: bool, with_networks: bool):
        self.strict, self.with_networks = strict, with_networks
        self.records = {kind: name for name, kind in records.items()}
        self.buffers: list[bytes] = []
        self.items = 0

    def write(self, value: Any, depth: int) -> Any:
        """Its JSON; bytes of arrays are put aside."""
        self.items += 1
        if depth > _DEEPEST or self.items > _MOST_ITEMS:
            raise NotOnTheWire("too deep" if depth > _DEEPEST else "too many items")
        kind = type(value)
        if value is None or kind is bool:
            return value
        if kind is str:
            if len(value) > _LONGEST_TEXT:
                raise NotOnTheWire("too long a text")
            return value
        if kind is int:
            return ["int", hex(value)] if abs(value) < 2**4096 else self._opaque("int")
        if kind is float:
            return ["float", value.hex()]
        if kind is complex:
            return ["complex", value.real.hex(), value.imag.hex()]
        if value is ...:
            return ["..."]
        if kind in self.records:
            fields = {f.name: self.write(getattr(value, f.name), depth + 1) for f in dataclasses.fields(kind)}
            return ["record", self.records[kind], fields]
        if kind is np.ndarray:
            return self._array(value, depth)
        if isinstance(value, np.str_ | np.bytes_):
            return self.write(value.item(), depth)
        if isinstance(value, np.generic) and value.dtype.kind in _RAW:
            return ["scalar", self._array(np.asarray(value), depth)]
        if hasattr(value, "detach") and hasattr(value, "to_dense"):
            return self._tensor(value, depth)
        return self._container(value, depth)

    def _container(self, value: Any, depth: int) -> Any:
        """Also named tuples, counters and their like, as what they are to `as_plain`."""
        kinds: tuple[Any, ...] = (list, tuple, set, frozenset)
        for kind in kinds:
            if isinstance(value, kind) and (kind in (list, tuple) or type(value) is kind):
                return [kind.__name__, [self.write(item, depth + 1) for item in kind.__iter__(value)]]
        if isinstance(value, dict):
            pairs = list(dict.items(value))
            return ["dict", [[self.write(key, depth + 1), self.write(item, depth + 1)] for key, item in pairs]]
        if type(value) is bytes:
            self.buffers.append(value)
            return ["bytes", len(value)]
        if self.with_networks and hasattr(value, "state_dict") and type(value).__module__.startswith("torch.nn."):
            return self._network(value)
        return self._opaque(type(value).__name__)

    def _network(self, module: Any) -> Any:
        content = pickle.dumps(module)
        if b"course_utils" in content:
            raise NotOnTheWire("a network with a part of the course in it cannot travel")
        self.buffers.append(content)
        return ["network", len(content)]

    def _opaque(self, type_name: str) -> Any:
        if self.strict:
            raise NotOnTheWire(f"an object of type {type_name} cannot travel")
        return ["object", type_name[:100]]

    def _array(self, array: np.ndarray, depth: int) -> Any:
        if array.dtype.kind in _RAW and array.dtype.itemsize <= 16 and array.dtype.str[1:] not in ("f16", "c32"):
            self.buffers.append(np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False)).tobytes())
            fortran = bool(array.flags.f_contiguous and not array.flags.c_contiguous)
            dtype = array.dtype.newbyteorder("<").str
            return ["array", dtype, list(array.shape), bool(array.flags.writeable), fortran]
        if array.dtype.kind in "UO":
            items = [self.write(item, depth + 1) for item in array.ravel().tolist()]
            return ["items", array.dtype.kind, list(array.shape), items]
        return self._opaque(f"ndarray of {array.dtype}")

    def _tensor(self, tensor: Any, depth: int) -> Any:
        plain = tensor.detach().cpu().to_dense()
        if plain.is_floating_point() and plain.element_size() < 4:  # bfloat16 is unknown to numpy
            plain = plain.float()
        return ["tensor", self._array(plain.numpy(), depth), bool(tensor.requires_grad)]


class _Reader:
    def __init__(self, buffer: memoryview, records: dict[str, type], with_networks: bool):
        self.buffer, self.records, self.with_networks = buffer, records, with_networks
        self.at = self.items = 0

    def read(self, given: Any, depth: int) -> Any:
        """The value of a piece of JSON."""
        self.items += 1
        if depth > _DEEPEST + 5 or self.items > _MOST_ITEMS:
            raise NotOnTheWire("too deep or too many items")
        if type(given) is str and len(given) > _LONGEST_TEXT:
            raise NotOnTheWire("too long a text")
        if given is None or type(given) in (bool, str):
            return given
        kind, *rest = given
        return getattr(self, f"_read_{_METHODS[kind]}")(kind, rest, depth)

    def _read_number(self, kind: str, rest: list, depth: int) -> Any:
        if kind == "int":
            if len(rest[0]) > 2000:
                raise NotOnTheWire("too long a number")
            return int(rest[0], 16)
        numbers = [float.fromhex(text) for text in rest]
        return numbers[0] if kind == "float" else complex(*numbers)

    def _read_other(self, kind: str, rest: list, depth: int) -> Any:
        if kind == "...":
            return ...
        if kind == "network":
            if not self.with_networks:
                raise NotOnTheWire("a network from a sender who is not trusted")
            return pickle.loads(self._take(rest[0]))
        return bytes(self._take(rest[0])) if kind == "bytes" else _opaque(str(rest[0])[:100])

    def _take(self, size: int) -> memoryview:
        """The next bytes behind the JSON."""
        taken = self.buffer[self.at : self.at + size]
        if type(size) is not int or size < 0 or len(taken) != size:
            raise NotOnTheWire("bytes are missing")
        self.at += size
        return taken

    def _read_record(self, kind: str, rest: list, depth: int) -> Any:
        record = self.records[rest[0]]
        names = {field.name for field in dataclasses.fields(record)}
        return record(**{name: self.read(item, depth + 1) for name, item in rest[1].items() if name in names})

    def _read_container(self, kind: str, rest: list, depth: int) -> Any:
        if kind == "dict":
            return {self.read(key, depth + 1): self.read(item, depth + 1) for key, item in rest[0]}
        make = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}[kind]
        return make([self.read(item, depth + 1) for item in rest[0]])

    def _read_array(self, kind: str, rest: list, depth: int) -> Any:
        if kind == "tensor":
            return self._tensor(self.read(rest[0], depth + 1), rest[1])
        if kind == "scalar":
            return self.read(rest[0], depth + 1)[()]
        shape = tuple(rest[1])
        if any(type(side) is not int or side < 0 for side in shape) or len(shape) > 32:
            raise NotOnTheWire("no shape")
        if kind == "items":
            if len(rest[2]) != math.prod(shape):
                raise NotOnTheWire("items are missing")
            array = np.empty(math.prod(shape), dtype=object)
            for place, item in enumerate(rest[2]):
                array[place] = self.read(item, depth + 1)
            return (_texts(array) if rest[0] == "U" else array).reshape(shape)
        dtype = np.dtype(rest[0])
        if dtype.kind not in _RAW or dtype.hasobject or dtype.subdtype or dtype.fields:
            raise NotOnTheWire("no dtype")
        raw = self._take(math.prod(shape) * dtype.itemsize)
        array = np.frombuffer(raw, dtype).reshape(shape).astype(dtype.newbyteorder("="), order="F" if rest[3] else "C")
        array.flags.writeable = bool(rest[2])
        return array

    def _tensor(self, array: np.ndarray, needs_grad: bool) -> Any:
        import torch

        array.flags.writeable = True
        return torch.from_numpy(np.ascontiguousarray(array)).reshape(array.shape).requires_grad_(needs_grad is True)


def _texts(array: np.ndarray) -> np.ndarray:
    """As an array of texts, in which each takes as much memory as the longest."""
    longest = max(map(len, array), default=1)
    if 4 * longest * len(array) > LARGEST:
        raise NotOnTheWire(f"larger than {LARGEST // 2**20} MB")
    return array.astype(str)


_METHODS = {
    **dict.fromkeys(("int", "float", "complex"), "number"),
    **dict.fromkeys(("...", "bytes", "object", "network"), "other"),
    **dict.fromkeys(("list", "tuple", "set", "frozenset", "dict"), "container"),
    **dict.fromkeys(("array", "items", "scalar", "tensor"), "array"),
    "record": "record",
}
