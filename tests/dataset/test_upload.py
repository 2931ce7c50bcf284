"""What people send, well meant or not."""

import io
import struct
import zlib

import numpy as np
import pytest
from helpers.pseudo import speak_pseudo
from PIL import Image

from course_utils.dataset import upload
from course_utils.errors import CourseError
from course_utils.translation.current import speaking


def encoded(size=(640, 480), form="JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (*size[::-1], 3), dtype=np.uint8)).save(
        buffer, form, **options
    )
    return buffer.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that only claims to be large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("form", ["JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_pictures_become_pixels(form):
    pixels = upload.read_upload(encoded(form=form))
    assert pixels.shape == (480, 640, 3) and pixels.dtype == np.uint8


def test_large_photos_are_scaled_down():
    assert upload.read_upload(encoded((3000, 2000))).shape == (427, 640, 3)


def test_a_phone_held_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    assert upload.read_upload(encoded(exif=exif)).shape == (640, 480, 3)


def grey_of_16_bits() -> bytes:
    content = io.BytesIO()
    Image.fromarray(np.full((64, 64), 3000, np.uint16)).save(content, "PNG")
    return content.getvalue()


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a picture"),
        (b"<html>hello</html>", "not a picture"),
        (encoded()[:20000], "damaged or was cut short"),
        (encoded(form="PNG")[:20000], "damaged or was cut short"),
        (png_of(10000, 10000), "100 megapixels; please scale it down to 50"),
        (png_of(20000, 10000), "too many megapixels to be opened; please scale it down to 50"),
        (png_of(60000, 60000), "too many megapixels to be opened; please scale it down to 50"),
        (encoded(form="TIFF"), "not a picture that can be read; JPEG and PNG work"),
        (encoded(form="EPS"), "not a picture that can be read; JPEG and PNG work"),
        (encoded((20, 20)), "has 20 x 20 pixels: it is too small or too narrow"),
        (encoded((14000, 40), form="PNG"), "has 14000 x 40 pixels: it is too small or too narrow"),
        (grey_of_16_bits(), "more than 8 bits"),
        (b"\xff" * (21 * 2**20), "has 21 MB; please send at most 20"),
    ],
    ids=[
        "nothing",
        "html",
        "cut jpeg",
        "cut png",
        "100 megapixels",
        "200 megapixels",
        "bomb",
        "tiff",
        "eps",
        "stamp",
        "strip",
        "16 bits",
        "large file",
    ],
)
def test_kind_refusals(content, words, tmp_path, monkeypatch):
    with pytest.raises(CourseError, match=words) as caught:
        upload.read_upload(content)
    assert "\n" not in str(caught.value)
    speak_pseudo(tmp_path, monkeypatch, "dataset")
    with speaking("xx"), pytest.raises(CourseError, match="^«.*»$"):
        upload.read_upload(content)


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(300)


def test_a_heic_photo_that_cannot_be_read_is_named_with_what_to_do(monkeypatch):
    monkeypatch.setattr(upload, "FORMATS", [form for form in upload.FORMATS if form != "HEIF"])
    with pytest.raises(CourseError, match="this is a HEIC photo.* send it as a JPEG, or run pip install pillow-heif"):
        upload.read_upload(HEIC)


def test_a_heic_photo_is_read_where_pillow_heif_is_installed():
    pytest.importorskip("pillow_heif")
    assert upload.read_upload(encoded(form="HEIF")).shape == upload.read_upload(encoded(form="PNG")).shape
    with pytest.raises(CourseError, match="^(?!this is a HEIC).*picture"):
        upload.read_upload(HEIC)
