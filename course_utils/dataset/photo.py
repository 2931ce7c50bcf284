"""Reading the photo that an annotation file names."""

from pathlib import Path

import numpy as np
from PIL import Image

from course_utils.errors import CourseError

PHOTO_ERRORS = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError)
"""What Pillow raises for files that are damaged, depending on their format."""


def read_photo(path: Path, size: tuple[int, int], source: str) -> np.ndarray:
    """The pixels of a photo: ``(H, W, 3) uint8``, RGB.

    Args:
        path: of the photo. size: height and width by the annotation file. source: the name of that file.

    Raises:
        CourseError: the photo is missing, broken or of another size.
    """
    try:
        with Image.open(path) as photo:
            pixels = np.asarray(photo.convert("RGB"))
    except FileNotFoundError:
        raise CourseError(f"{path}: the photo that {source} names is missing") from None
    except PHOTO_ERRORS as error:
        raise CourseError(f"{path}: cannot be read as a photo: {error}") from None
    if pixels.shape[:2] != size:
        raise CourseError(f"{path}: is {pixels.shape[:2]} high and wide, {source} says {size}")
    return pixels
