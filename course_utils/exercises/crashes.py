"""What to tell somebody whose code has crashed: the usual errors of Python, NumPy and PyTorch in a tutor's words."""

import re
from typing import Any

from course_utils.exercises.running import Raised
from course_utils.translation.say import N_, _

# kind of the error, what its message holds, what to say
_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        "Stopped",
        "",
        N_("A loop of yours does not come to its end here. What should make it stop, and does that ever change?"),
    ),
    (
        "RecursionError",
        "",
        N_("Your function calls itself without end. Which input should it answer without calling itself?"),
    ),
    ("MemoryError", "", N_("That needs more memory than there is. How large is the array that you make?")),
    (
        "NameError",
        "",
        N_("A name is used that nothing has been assigned to. Is it spelt so elsewhere, and has its cell been run?"),
    ),
    (
        "UnboundLocalError",
        "",
        N_(
            "A variable is used before anything was assigned to it. What holds if the loop or the `if` above it "
            "never runs?"
        ),
    ),
    (
        "TypeError",
        "NoneType",
        N_(
            "Something is None here. Does the function that should give it `return` it? And is None perhaps an "
            "input that you must expect?"
        ),
    ),
    (
        "AttributeError",
        "NoneType",
        N_(
            "Something is None here. Does the function that should give it `return` it? And is None perhaps an "
            "input that you must expect?"
        ),
    ),
    (
        "TypeError",
        "(positional|keyword) argument",
        N_(
            "The number of arguments does not fit. What does the function that is named there want? If it is your "
            "own, its line with `def` should stand as it was handed out."
        ),
    ),
    (
        "TypeError",
        "not callable",
        N_(
            "Something that is no function is called. Is there a multiplication sign missing, or a variable named "
            "like a function?"
        ),
    ),
    (
        "TypeError",
        "cannot be interpreted as an integer",
        N_(
            "A whole number is needed here and comes as a float: `/` always gives a float, `//` a whole number; "
            "int() makes one."
        ),
    ),
    ("TypeError", "indices must be integers", N_("An index must be a whole number. What is its type here?")),
    (
        "IndexError",
        "(arrays used as indices|only integers)",
        N_(
            "An index must be a whole number, or an array of whole numbers or of bool. What is its dtype here? "
            "astype(int) makes whole numbers, `//` keeps them."
        ),
    ),
    (
        "TypeError",
        "boolean subtract",
        N_("NumPy does not subtract masks. `a & ~b` is a without b; astype(int) makes numbers of them."),
    ),
    (
        "IndexError",
        "boolean index did not match",
        N_("A mask picks from an array of its own shape. Compare both shapes."),
    ),
    (
        "IndexError",
        "(out of bounds|out of range|too many indices)",
        N_(
            "An index points beyond the end. Python counts from 0, so the last one is the length minus 1. And what "
            "if there is nothing at all?"
        ),
    ),
    ("KeyError", "", N_("That key is not in the dictionary here. Print its keys: does every input have it?")),
    (
        "ZeroDivisionError",
        "",
        N_("Something is divided by 0 here. What should the answer be when there is nothing to divide by?"),
    ),
    (
        "ValueError",
        "(zero-size array|empty sequence|attempt to get arg(max|min) of an empty)",
        N_("The largest or smallest of nothing is asked for. What should the answer be when there is nothing?"),
    ),
    (
        "ValueError",
        "truth value of an array",
        N_(
            "`if`, `and`, `or` and `not` want one yes or no, and get a whole array. For each entry use `&`, `|`, "
            "`~` (with brackets around comparisons); for one answer use .any() or .all()."
        ),
    ),
    (
        "RuntimeError",
        "Boolean value of Tensor",
        N_(
            "`if`, `and`, `or` and `not` want one yes or no, and get a whole tensor. For each entry use `&`, `|`, "
            "`~`; for one answer use .any() or .all()."
        ),
    ),
    (
        "ValueError",
        " wants .* and got ",
        N_(
            "Hold what it wants against what it got, one by one. An axis too many, or rows of something else: "
            "which step in between is missing, or done twice?"
        ),
    ),
    (
        "ValueError",
        "(could not be broadcast|shape mismatch|matmul|shapes .* not aligned|inhomogeneous|could not broadcast)",
        N_("Two arrays do not fit each other. Print both shapes: which axis is missing, or stands in another place?"),
    ),
    (
        "RuntimeError",
        "(size of tensor|shapes cannot be multiplied|Sizes of tensors|expanded size|shape '|must match)",
        N_("Two tensors do not fit each other. Print both shapes: which axis is missing, or stands in another place?"),
    ),
    (
        "RuntimeError",
        "(non-empty TensorList|non-empty list of Tensors)",
        N_("torch.stack and torch.cat want at least one tensor. What should come back when there is nothing at all?"),
    ),
    (
        "IndexError",
        "(Expected reduction dim|cannot perform reduction)",
        N_("The largest or smallest of nothing is asked for. What should the answer be when there is nothing?"),
    ),
    (
        "RuntimeError",
        "expected input.* to have \\d+ channels",
        N_(
            "A convolution is given another number of channels than it reads. Where does what goes in come from, "
            "and how many channels has it there?"
        ),
    ),
    (
        "RuntimeError",
        "Kernel size can't be greater",
        N_(
            "A map has become smaller than the kernel that should run over it. Which layer before has taken its "
            "border away?"
        ),
    ),
    (
        "RuntimeError",
        "Output size is too small",
        N_("A window does not fit into so small a map. What should happen to a map of one cell?"),
    ),
    (
        "RuntimeError",
        "between 0 and 1",
        N_(
            "That loss wants probabilities. A sigmoid makes them of logits; the loss whose name ends in "
            "_with_logits holds it already."
        ),
    ),
    (
        "ValueError",
        "(AxisError|axis)",
        N_("That array has no such axis. Print its shape: the first axis has number 0."),
    ),
    ("AxisError", "", N_("That array has no such axis. Print its shape: the first axis has number 0.")),
    (
        "RuntimeError",
        "does not require grad",
        N_(
            "Nothing can be learnt through this: .detach(), .item(), .numpy() and new tensors made of numbers cut "
            "the way back."
        ),
    ),
    (
        "AttributeError",
        r"before Module.__init__\(\)",
        N_(
            "PyTorch makes a module ready in super().__init__(): that line comes first in your __init__, before "
            "any layer."
        ),
    ),
    (
        "AttributeError",
        "'(list|tuple|int|float)' object",
        N_(
            "That is plain Python and knows no such attribute: np.asarray(...) or torch.as_tensor(...) makes an "
            "array or a tensor of it."
        ),
    ),
    (
        "AttributeError",
        "",
        N_(
            "There is no attribute of that name. Is it an array where you expect a tensor, or the other way round? "
            "Their names differ: axis and dim, astype and to, copy and clone."
        ),
    ),
    (
        "UFuncTypeError",
        "",
        N_("An array of one type cannot be changed in place into another: write a = a + b rather than a += b."),
    ),
    ("SystemExit", "", N_("exit() ends the whole of Python. A function ends with `return`.")),
)


def words_for_crash(result: Any) -> str:
    """A tutor's words on an error, or an empty string when the result is none or nothing fits."""
    if not isinstance(result, Raised):
        return ""
    for kind, pattern, words in _WORDS:
        if result.kind.endswith(kind) and re.search(pattern, result.message, re.IGNORECASE):
            return _(words)
    return ""
