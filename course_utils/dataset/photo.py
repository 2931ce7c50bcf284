"""Reading the photo that an annotation file names."""

from pathlib import Path

import numpy as np
from PIL import ExifTags, Image, ImageOps

from course_utils.errors import CourseError
from course_utils.translation.say import N_

PHOTO_ERRORS = (OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError)
"""What Pillow raises for files that are damaged, depending on their format."""


def mode_problem(photo: Image.Image) -> str:
    """Why the colours of a photo would be lost, or nothing."""
    # Pillow cuts such values off at 255 instead of scaling them: all becomes white, or black.
    deep = photo.mode.startswith(("I", "F"))
    return N_("is grey with more than 8 bits; please save it as an ordinary JPEG or PNG") if deep else ""


def fits(photo: Image.Image, size: tuple[int, int]) -> tuple[bool, bool]:
    """Whether a photo has a size (height, width) as it is stored, and when turned as its EXIF data say.

    The second is False without a turn. Where both are True, the size does not tell which of the two was annotated.
    """
    stored = (photo.height, photo.width)
    if size not in (stored, stored[::-1]):
        return False, False  # before its EXIF data are looked for: Pillow unpacks a whole PNG for them
    turn = photo.getexif().get(ExifTags.Base.Orientation)  # 1 is upright, 2 to 8 are turned or mirrored
    turned = stored[::-1] if turn in range(5, 9) else stored
    return size == stored, turn in range(2, 9) and size == turned


def insist_on_size(path: Path, size: tuple[int, int], source: str) -> None:
    """Raise the CourseError that `read_photo` would, as far as the header of a photo tells; its pixels are not read."""
    try:
        with Image.open(path) as photo:
            stored = (photo.height, photo.width)
            if stored != size and fits(photo, size) == (False, False):
                raise CourseError(f"{path}: is {stored} high and wide, {source} says {size}")
    except PHOTO_ERRORS as error:
        raise CourseError(f"{path}: cannot be read as a photo: {error}") from None


def read_photo(path: Path, size: tuple[int, int], source: str) -> np.ndarray:
    """The pixels of a photo: ``(H, W, 3) uint8``, RGB.

    A phone may store a photo lying down, with a note in its EXIF data. It is turned where only so its size is that of
    the annotation file.

    Args:
        path: of the photo. size: height and width by the annotation file. source: the name of that file.

    Raises:
        CourseError: the photo is missing, broken, grey with more than 8 bits, or of another size.
    """
    try:
        with Image.open(path) as photo:
            if fault := mode_problem(photo):
                raise CourseError(f"{path}: {fault}")
            upright = ImageOps.exif_transpose(photo) if fits(photo, size) == (False, True) else photo
            pixels = np.asarray(upright.convert("RGB"))
    except FileNotFoundError:
        raise CourseError(f"{path}: the photo that {source} names is missing") from None
    except PHOTO_ERRORS as error:
        raise CourseError(f"{path}: cannot be read as a photo: {error}") from None
    if pixels.shape[:2] != size:
        raise CourseError(f"{path}: is {pixels.shape[:2]} high and wide, {source} says {size}")
    return pixels
