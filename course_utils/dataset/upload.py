"""Making a photo out of bytes that anyone may send."""

import contextlib
import io

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from course_utils.dataset.photo import PHOTO_ERRORS, mode_problem
from course_utils.errors import CourseError

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

_NO_PICTURE = "this file is not a picture that can be read; JPEG and PNG work"
_HEIC = (
    "this is a HEIC photo, as iPhones take them, and pillow-heif, which reads them, is not installed: "
    "send it as a JPEG, or run pip install pillow-heif and start anew"
)
_SCALE_DOWN = f"please scale it down to {MAX_MEGAPIXELS} or fewer"


def is_heic(content: bytes) -> bool:
    """Whether a file says, in its first bytes, that it holds a picture compressed as HEVC (ISO/IEC 23008-12)."""
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1")


def read_upload(content: bytes) -> np.ndarray:
    """Pixels ``(H, W, 3) uint8`` of an uploaded picture, turned as its camera was held.

    Raises:
        CourseError: too large, no picture, or cut short.
    """
    if len(content) > MAX_MEGABYTES * 2**20:
        raise CourseError(f"this file has {len(content) / 2**20:.0f} MB; please send at most {MAX_MEGABYTES}")
    try:
        photo = Image.open(io.BytesIO(content), formats=FORMATS)
        # Only the header is read so far; a small file can unfold into gigabytes.
        megapixels = photo.width * photo.height / 1e6
        if megapixels > MAX_MEGAPIXELS:
            raise CourseError(f"this picture has {megapixels:.0f} megapixels; {_SCALE_DOWN}")
        if fault := mode_problem(photo):
            raise CourseError(f"this picture {fault}")
        upright = ImageOps.exif_transpose(photo).convert("RGB")
    except UnidentifiedImageError:
        raise CourseError(_HEIC if is_heic(content) and "HEIF" not in FORMATS else _NO_PICTURE) from None
    except Image.DecompressionBombError:
        raise CourseError(f"this picture has too many megapixels to be opened; {_SCALE_DOWN}") from None
    except PHOTO_ERRORS:
        raise CourseError("this picture is damaged or was cut short on its way; please send it again") from None
    size = f"{upright.width} x {upright.height} pixels"
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if min(upright.size) < 32:
        raise CourseError(f"this picture has {size}: it is too small or too narrow for anything to be seen on it")
    return np.asarray(upright)
