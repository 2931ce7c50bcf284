"""Making a photo out of bytes that anyone may send."""

import contextlib
import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from course_utils.dataset.photo import PHOTO_ERRORS, mode_problem
from course_utils.errors import CourseError
from course_utils.translation.say import N_, _

MAX_MEGABYTES = 20
MAX_MEGAPIXELS = 50
FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"]
"""Phones' MPO files open as JPEG. HEIF is among them where pillow-heif is installed."""
with contextlib.suppress(ImportError):
    import pillow_heif

    pillow_heif.register_heif_opener()
    FORMATS.append("HEIF")

LONGEST_SIDE = 640
"""Larger photos are scaled down: the model looks at 320 pixels, the screen shows hardly more than this."""

_NO_PICTURE = N_("this file is not a picture that can be read; JPEG and PNG work")
_HEIC = N_(
    "this is a HEIC photo, as iPhones take them, and pillow-heif, which reads them, is not installed: "
    "send it as a JPEG, or run pip install pillow-heif and start anew"
)
_DAMAGED = N_("this picture is damaged or was cut short on its way; please send it again")


def is_heic(content: bytes) -> bool:
    """Whether a file says, in its first bytes, that it holds a picture compressed as HEVC (ISO/IEC 23008-12)."""
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1")


def read_upload(content: bytes) -> np.ndarray:
    """Pixels ``(H, W, 3) uint8`` of an uploaded picture, turned as its camera was held.

    Raises:
        CourseError: too large, no picture, or cut short.
    """
    if len(content) > MAX_MEGABYTES * 2**20:
        words = _("this file has {megabytes:.0f} MB; please send at most {most}")
        raise CourseError(words.format(megabytes=len(content) / 2**20, most=MAX_MEGABYTES))
    try:
        photo = Image.open(io.BytesIO(content), formats=FORMATS)
        # Only the header is read so far; a small file can unfold into gigabytes.
        megapixels = photo.width * photo.height / 1e6
        if megapixels > MAX_MEGAPIXELS:
            words = _("this picture has {megapixels:.0f} megapixels; please scale it down to {most} or fewer")
            raise CourseError(words.format(megapixels=megapixels, most=MAX_MEGAPIXELS))
        if fault := mode_problem(photo):
            raise CourseError(_("this picture {fault}").format(fault=_(fault)))
        upright = ImageOps.exif_transpose(photo).convert("RGB")
    except UnidentifiedImageError:
        lacks_heif = is_heic(content) and "HEIF" not in FORMATS
        raise CourseError(_(_HEIC if lacks_heif else _NO_PICTURE)) from None
    except Image.DecompressionBombError:
        words = _("this picture has too many megapixels to be opened; please scale it down to {most} or fewer")
        raise CourseError(words.format(most=MAX_MEGAPIXELS)) from None
    except PHOTO_ERRORS:
        raise CourseError(_(_DAMAGED)) from None
    width, height = upright.size
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if min(upright.size) < 32:
        words = _("this picture has {size} pixels: it is too small or too narrow for anything to be seen on it")
        raise CourseError(words.format(size=f"{width} x {height}"))
    return np.asarray(upright)
