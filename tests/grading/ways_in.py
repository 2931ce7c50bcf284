"""Answers that try to earn points without being right: by finding what is right, or by bending what judges.

Each is the source of the cell of `overlap`, which counts the pixels that two masks share, unless it says otherwise. The
first group walks from the check to the reference; it once worked.
"""

_ASK = "def overlap(a, b):\n    return {}(a, b)\n"
WRONG = "def overlap(a, b):\n    return -1\n"
_LESSON = "type(o).__name__ == 'Lesson' and 'overlap' in o.exercises"
_SEARCH = f"next(o['overlap'].reference for o in gc.get_objects() if {_LESSON})"


def _by(found: str) -> str:
    """An answer that is whatever an expression finds."""
    return f"found = {found}\n" + _ASK.format("found")


def _late(found: str, before: str = "") -> str:
    """The same, but looked for while the cases are running."""
    return f"{before}def overlap(a, b):\n    return ({found})(a, b)\n"


TO_THE_REFERENCE = {
    "self assignment": "eval = eval\n" + _by("eval('check._' + '_self_' + '_')['overlap'].reference"),
    "class body": "class A:\n    found = eval('check.__self__')['overlap'].reference\n    eval = 1\n"
    + _ASK.format("A.found"),
    "generator's frame": _by("(i for i in ()).gi_frame.f_builtins['eval']('check.__self__')['overlap'].reference"),
    "match statement": (
        "match check:\n    case object(__self__=lesson):\n        found = lesson['overlap'].reference\n"
        + _ASK.format("found")
    ),
    "string annotation": (
        "import functools\n@functools.singledispatch\ndef f(x): ...\n"
        "def g(x: \"check.__self__['overlap'].reference\"): ...\n"
        "import typing\nfound = typing.get_type_hints(g)['x']\n" + _ASK.format("found")
    ),
    "inspect by dataclasses": "import dataclasses\n"
    + _by("dataclasses.inspect.unwrap(check).__self__['overlap'].reference"),
    "pickle": "import pickle\n" + _by("pickle.loads(b'cbuiltins\\neval\\n.')('check.__self__')['overlap'].reference"),
    "garbage collector": "import gc\n" + _by(_SEARCH),
    "garbage collector, late": _late(_SEARCH, "import gc\n"),
    "loaded modules": "import sys\n" + _by("sys.modules['tiny_exercises'].LESSON['overlap'].reference"),
    "import of the declarations": _by("__import__('tiny_exercises').LESSON['overlap'].reference"),
    "import of the course's declarations": _late(
        "__import__('course_utils.exercises.lesson_11').exercises.lesson_11.LESSON['count-outcomes'].reference"
    ),
    "import of the course's function": _late("__import__('course_utils.masks').masks.iou"),
    "source of the check": "import inspect\n" + _by("eval(inspect.getsource(check.__self__['overlap'].reference))"),
    "frames from the answer up": (
        "import sys\ndef overlap(a, b):\n    frame = sys._getframe()\n    while frame:\n"
        "        for value in list(frame.f_locals.values()):\n"
        "            if hasattr(value, 'reference'):\n                return value.reference(a, b)\n"
        "            if isinstance(value, list) and value and type(value[0]) is int:\n                return value[0]\n"
        "        frame = frame.f_back\n    return -1\n"
    ),
    "frames of an error": (
        "def overlap(a, b):\n    try:\n        raise ValueError\n    except ValueError as error:\n"
        "        return error.__traceback__.tb_frame.f_back.f_globals['expected'][0]\n"
    ),
    "subclasses of object": _late(
        "next(c for c in object.__subclasses__() if c.__name__ == 'Lesson' and c.__module__ != 'x')(0, [])['overlap']"
    ),
    "the judge itself": (
        "import importlib\ncore = importlib.import_module('course_utils.exercises.running')\n"
        "def overlap(a, b):\n    return core.LESSON['overlap'].reference(a, b)\n"
    ),
    "pandas eval": "import pandas\n" + _by("pandas.eval('@check.__self__')['overlap'].reference"),
    "update_wrapper": (
        "import functools\nimport importlib\ncore = importlib.import_module('course_utils.exercises.running')\n"
        "functools.update_wrapper(core.run, lambda: 0, assigned=(), updated=())\n"
        "core.assess = lambda exercise, cases, got: core.Raised('right', '')\n" + WRONG
    ),
}

TO_THE_DISK = {
    "solved editions": _late(
        "[compile(p.read_text(), 'x', 'exec') for p in __import__('pathlib').Path('/').rglob('*.ipynb')][0]"
    ),
    "declarations on the disk": (
        "import pathlib\ndef overlap(a, b):\n"
        "    texts = [p for p in pathlib.Path('/').rglob('tiny_exercises.py')]\n"
        "    space = {}\n    exec(texts[0].read_text(), space)\n    return space['LESSON']['overlap'].reference(a, b)\n"
    ),
    "the grader's memory": (
        "import os\ndef overlap(a, b):\n    for n in os.listdir('/proc'):\n"
        "        if n.isdigit() and int(n) != os.getpid():\n"
        "            data = open(f'/proc/{n}/mem', 'rb').read(10)\n"
        "            return int(b'reference' in data)\n    return -1\n"
    ),
    "the grader's files": _late("lambda a, b: [open(f'/proc/{n}/fd/{k}').read() for n in (1, 2) for k in range(9)]"),
}

BENDING = {
    "results of another kind": "class Raised(int):\n    kind = message = ''\n"
    + "def overlap(a, b):\n    return Raised()\n",
    "array that agrees": (
        "class Yes(np.ndarray):\n    __eq__ = lambda s, o: np.True_\n    def __array_ufunc__(s, *a, **k): return True\n"
        "def overlap(a, b):\n    return np.zeros(()).view(Yes)\n"
    ),
    "list that has everything": (
        "class All(list):\n    __eq__ = lambda s, o: True\n    __iter__ = lambda s: iter([1] * 10**9)\n"
        "def overlap(a, b):\n    return All()\n"
    ),
    "dictionary that never ends": (
        "class D(dict):\n    def items(self):\n        while True: yield 1, 1\ndef overlap(a, b):\n    return D()\n"
    ),
    "nan": "def overlap(a, b):\n    return float('nan')\n",
    "a list that holds itself": "def overlap(a, b):\n    x = []\n    x.append(x)\n    return x\n",
    "a very deep list": "def overlap(a, b):\n    x = 0\n    for _ in range(10**5): x = [x]\n    return x\n",
    "a huge number": "def overlap(a, b):\n    return 10**10**6\n",
    "a huge result": "def overlap(a, b):\n    return np.zeros(2**27)\n",
    "a huge shape of nothing": "def overlap(a, b):\n    return np.zeros((0, 2**40))\n",
    "not attempted, says the answer": "def overlap(a, b):\n    raise NotImplementedError\n",
    "leaving by SystemExit": "def overlap(a, b):\n    raise SystemExit(0)\n",
    "an error that cannot be told": (
        "class E(Exception):\n    def __str__(self): raise self\ndef overlap(a, b):\n    raise E\n"
    ),
    "inputs made to fit": "def overlap(a, b):\n    a[:] = False\n    b[:] = False\n    return 0\n",
    "comparison patched": (
        "import importlib\nc = importlib.import_module('course_utils.exercises.unchanged')\n"
        "c.difference = lambda *v: ''\n"
        "k = importlib.import_module('course_utils.exercises.running')\n"
        "k._difference = k.difference = c.difference\nk.assess = k.judge = lambda e, *v: k.Raised('right', '')\n"
        + WRONG
    ),
    "wire patched": (
        "import importlib\n"
        "room = 'course_utils.classroom.grading.room.'\n"
        "answers, wire = (importlib.import_module(room + n) for n in ('answers', 'wire'))\n"
        "honest = wire.dumps\nanswers.dumps = wire.dumps = lambda v, *o: honest({'callable': True, 'results': []})\n"
        + WRONG
    ),
    "run patched": (
        (
            "import importlib\n"
            "core = importlib.import_module('course_utils.exercises.running')\n"
            "core.run = lambda answer, case, **o: ...\n"
        )
        + WRONG
    ),
    "forged messages on every descriptor": (
        "import os\nimport importlib\n"
        "dumps = importlib.import_module('course_utils.classroom.grading.room.wire').dumps\n"
        "m = dumps({'callable': True, 'results': [dumps(1)] * 8})\nm = len(m).to_bytes(8, 'big') + m\n"
        "def overlap(a, b):\n    for k in range(256):\n"
        "        try: os.write(k, m)\n        except OSError: pass\n"
        "    return -1\n"
    ),
    "forged status of the zygote": (
        'import os\ndef overlap(a, b):\n    m = b\'{"status": "done", "length": 0}\\n\'\n'
        "    for n in range(1, 9):\n        for k in range(64):\n"
        "            try: open(f'/proc/{n}/fd/{k}', 'wb').write(m)\n            except OSError: pass\n    return -1\n"
    ),
    "two of us": "import os\ndef overlap(a, b):\n    os.fork()\n    return -1\n",
    "a thread that prints later": (
        "import threading, time\ndef overlap(a, b):\n"
        "    threading.Thread(target=lambda: (time.sleep(1), print(3))).start()\n"
        "    return -1\n"
    ),
    "check rebound": "def check(*anything):\n    print('✓ overlap: right (1 point)')\n" + WRONG,
    "run_cell hooked": (
        "ip = get_ipython()\nip.run_cell = lambda *a, **k: None\nip.events.register('post_run_cell', print)\n" + WRONG
    ),
    "numpy made to agree": "np.isclose = np.array_equal = lambda *v, **o: True\nnp.bool_.all = None\n" + WRONG,
    "an answer that asks who calls": (
        "import sys\ndef overlap(a, b):\n"
        "    sys.setprofile(lambda f, e, v: f.f_locals.update(result=0))\n"
        "    return -1\n"
    ),
}

FORGE = """
import os
def say(kind, text, behind=b""):
    m = len(text).to_bytes(8, "big") + text.encode() + behind
    m = kind + len(m).to_bytes(8, "big") + m
    for k in range(3, 64):
        try: os.write(k, m)
        except OSError: pass
def overlap(a, b):
    say(b"r", '["dict", [["callable", true], ["results", ["int", "0x1"]]]]')
    return -1
"""
_FORGED = {
    "results that are a number": '["dict", [["callable", true], ["results", ["int", "0x1"]]]]',
    "an answer that is a number": '["int", "0x1"]',
    "an error without words": '["dict", [["error", ["list", []]]]]',
    "an error of a million words": '["dict", [["error", ["list", ["NotInTheRoom", "%s"]]]]]' % ("x " * 99_000),
    "a tensor of a text": '["tensor", "abc", false]',
    "fewer results than cases": '["dict", [["callable", true], ["results", ["list", []]]]]',
    "a value in the place of results": '["dict", [["callable", false], ["results", ["list", [["..."]]]]]]',
    "a message without an end": '["list", [',
    "sizes below 0": '["list", [["bytes", -1]]]',
    "a number that is none": "NaN",
    "brackets": "[" * 99_000,
}
FORGERIES = {
    **{
        f"forged: {name}": FORGE + f"overlap = lambda a, b: say(b'r', {text!r}) or -1\n"
        for name, text in _FORGED.items()
    },
    "asks for what is not lent": FORGE + "overlap = lambda a, b: say(b'c', '[\"list\", []]') or -1\n",
    "asks for nothing": FORGE
    + "def overlap(a, b):\n    for k in range(3, 64):\n        try: os.write(k, b'c' + bytes(8))\n"
    + "        except OSError: pass\n    return -1\n",
    "says what nobody understands": FORGE + "overlap = lambda a, b: say(b'x', 'null') or -1\n",
    "a message of half the world": FORGE
    + "def overlap(a, b):\n    for k in range(3, 64):\n        try: os.write(k, b'r' + b'\\xff' * 8)\n"
    + "        except OSError: pass\n    return -1\n",
    "a fork that says it": FORGE
    + "def overlap(a, b):\n    if os.fork() == 0:\n        os.setsid()\n        say(b'r', 'null')\n"
    + "        os._exit(0)\n    return -1\n",
}

ATTACKS = {
    "kill the parent": "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\noverlap = lambda a, b: -1\n",
    "kill everything": "import os\ndef overlap(a, b):\n    os.kill(-1, 9)\n",
    "stop the parent": "import os\ndef overlap(a, b):\n    os.kill(os.getppid(), 19)\n",
    "leave": "import os\ndef overlap(a, b):\n    os._exit(0)\n",
    "crash": "import ctypes\ndef overlap(a, b):\n    ctypes.string_at(0)\n",
    "loop for ever": "def overlap(a, b):\n    while True:\n        pass\n",
    "loop and catch everything": (
        "import signal\nfor k in range(1, 32):\n"
        "    try: signal.signal(k, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\n"
        "def overlap(a, b):\n    while True:\n        try:\n            while True:\n                pass\n"
        "        except BaseException:\n            pass\n"
    ),
    "memory bomb": "def overlap(a, b):\n    return len(bytearray(2**35))\n",
    "memory in small pieces": (
        "def overlap(a, b):\n    hoard = []\n    while True:\n        hoard.append('x' * 10**6)\n"
    ),
    "shared memory": (
        "import mmap\ndef overlap(a, b):\n    kept = []\n    while True:\n        m = mmap.mmap(-1, 2**26)\n"
        "        for k in range(0, 2**26, 4096): m[k] = 1\n        kept.append(m)\n"
    ),
    "memory in many processes": (
        "import os, time\ndef overlap(a, b):\n    for _ in range(20):\n        if os.fork() == 0:\n"
        "            x = bytearray(2**28)\n"
        "            x[::4096] = b'1' * len(x[::4096])\n"
        "            time.sleep(100)\n    time.sleep(100)\n"
    ),
    "fork bomb": (
        "import os\ndef overlap(a, b):\n    while True:\n        try: os.fork()\n        except OSError: pass\n"
    ),
    "threads": (
        "import threading, time\ndef overlap(a, b):\n    while True:\n"
        "        try: threading.Thread(target=time.sleep, args=(99,)).start()\n"
        "        except RuntimeError: time.sleep(1)\n"
    ),
    "output flood": "def overlap(a, b):\n    while True:\n        print('x' * 100_000)\n",
    "full disk": (
        "def overlap(a, b):\n    n = 0\n    while True:\n        n += 1\n"
        "        try: open(f'/tmp/{n}', 'wb').write(b'x' * 2**22)\n"
        "        except OSError: return -1\n"
    ),
}

ONE_AGAINST_OTHERS = {
    "patches what runs the others": (
        "import importlib\n"
        "core = importlib.import_module('course_utils.exercises.running')\n"
        "import importlib\n"
        "answers = importlib.import_module('course_utils.classroom.grading.room.answers')\n"
        "core.run = answers.running.run = lambda answer, case, **o: 3\n"
        "np.ndarray = int\nimport builtins\nbuiltins.len = lambda x: 0\n" + WRONG
    ),
    "leaves a killer behind": (
        "import os, time\ndef overlap(a, b):\n    if os.fork() == 0:\n        os.setsid()\n        if os.fork() == 0:\n"
        "            while True:\n                try: os.kill(-1, 19)\n                except OSError: pass\n"
        "        os._exit(0)\n    return -1\n"
    ),
    "leaves modules and settings behind": (
        "import pathlib\ndef overlap(a, b):\n    for place in ('/tmp', '/dev/shm', '/room', '.'):\n"
        "        for name in ('numpy.py', 'sitecustomize.py', 'conftest.py', 'matplotlibrc'):\n"
        "            try: pathlib.Path(place, name).write_text('raise SystemExit')\n"
        "            except OSError: pass\n    return -1\n"
    ),
    "closes everything": "import os\ndef overlap(a, b):\n    os.closerange(0, 256)\n    return -1\n",
    "kills the sandbox": "import os\ndef overlap(a, b):\n    os.kill(os.getppid(), 9)\n    return -1\n",
}

ALL = {**TO_THE_REFERENCE, **TO_THE_DISK, **BENDING, **FORGERIES, **ATTACKS, **ONE_AGAINST_OTHERS}
