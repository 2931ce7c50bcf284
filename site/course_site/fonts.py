"""The site's fonts, cut down to the letters that it uses, so that pages look the same everywhere and load at once.

All are under the SIL Open Font License: Source Serif for text, Source Sans for headings and what one clicks, STIX Two
Math for formulas.
"""

import html
import logging
from importlib.util import find_spec
from pathlib import Path

import font_source_sans_pro
import font_source_serif_pro
from fontTools import subset
from fontTools.ttLib import TTFont

_SANS = Path(font_source_sans_pro.__file__).parent / "files"
_SERIF = Path(font_source_serif_pro.__file__).parent / "files"
_MATH = Path(find_spec("ziamath").origin).parent / "fonts"
_TEXT = ((0x20, 0x7E), (0xA0, 0x17F), (0x2010, 0x2044), (0x2190, 0x2199), (0x2212, 0x2213), (0x2248, 0x2265))
# Latin, Greek, accents, punctuation, arrows, operators, brackets, and the slanted letters that variables are set in.
_FORMULAS = ((0x20, 0x7E), (0xA0, 0xFF), (0x300, 0x30F), (0x391, 0x3C9), (0x2010, 0x2063), (0x2190, 0x21D5))
_FORMULAS += ((0x2200, 0x22FF), (0x2308, 0x230B), (0x239B, 0x23B3), (0x27E8, 0x27E9), (0x1D434, 0x1D467))
_FORMULAS += ((0x210E, 0x210E), (0x1D6E2, 0x1D71B))
_FONTS = {
    "serif.woff": (_SERIF / "SourceSerifPro-Regular.ttf", _TEXT),
    "serif-italic.woff": (_SERIF / "SourceSerifPro-It.ttf", _TEXT),
    "serif-bold.woff": (_SERIF / "SourceSerifPro-Semibold.ttf", _TEXT),
    "sans.woff": (_SANS / "SourceSansPro-Regular.ttf", _TEXT),
    "sans-bold.woff": (_SANS / "SourceSansPro-Semibold.ttf", _TEXT),
    "formulas.woff": (_MATH / "STIXTwoMath-Regular.ttf", _FORMULAS),
}


def write_fonts(site: Path) -> None:
    """Put the fonts of a built site into its folder for them."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    folder = site / "_static" / "fonts"
    folder.mkdir(parents=True, exist_ok=True)
    pages = (path.read_text(encoding="utf-8") for path in site.rglob("*.html"))
    used = {ord(letter) for page in pages for letter in html.unescape(page)}
    for name, (source, ranges) in _FONTS.items():
        codes = {code for first, last in ranges for code in range(first, last + 1)}
        # Variables are written plain and drawn slanted: what formulas use cannot be read off the pages.
        codes &= used if ranges is _TEXT else codes
        options = subset.Options()
        options.hinting = False
        font = TTFont(source)
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=sorted(codes))
        subsetter.subset(font)
        font.flavor = "woff"
        font.save(folder / name)
