"""A trained model, ready to look at photos."""

from pathlib import Path

from course_utils.errors import CourseError
from course_utils.mask_rcnn import shipped
from course_utils.mask_rcnn.looks import EightLooks
from course_utils.mask_rcnn.model import MaskRCNN
from course_utils.training.settings import SMALLEST_SIZE


def load_model(path: Path | str, size: int | None = None, eight_looks: bool = False) -> MaskRCNN | EightLooks:
    """The model of a run of `course train`, in evaluation mode.

    Args:
        path: of its weights.safetensors, or of the run's folder.
        size: to which the longer side of a photo is scaled for the model; that of its training by default.
        eight_looks: look at each photo in all eight ways to turn and mirror it; takes eight times as long.

    Raises:
        CourseError: the file is missing, damaged, or of another program; or the size is too small.
    """
    path = Path(path)
    model = shipped.load_model(path / "weights.safetensors" if path.is_dir() else path)
    if size is not None:
        if size < SMALLEST_SIZE:
            raise CourseError(f"size is {size}; it must be at least {SMALLEST_SIZE}")
        model.configure(min_size=size, max_size=size)
    return EightLooks(model) if eight_looks else model
