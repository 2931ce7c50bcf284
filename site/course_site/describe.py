"""A page's description for those who find it by a search: its own, or how its text begins."""

import html
import re

from course_utils.translation.say import N_, _

_LONGEST = 160
_SHORTEST = 40  # less says nothing
_WHOLE = N_("From Pixels to Calories, a free course on image segmentation with deep learning, in Python notebooks.")
_PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
_MADE = '<meta content="[^"]*" name="description" />'


def described(page: str) -> str:
    """The page with a description in its head."""
    if re.search(_MADE, page):
        return page
    article = page.partition("<article")[2]
    texts = (" ".join(re.sub(r"<[^>]+>", "", found[1]).split()) for found in _PARAGRAPH.finditer(article))
    text = next((html.unescape(text) for text in texts if len(text) >= _SHORTEST), _(_WHOLE))
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1].rpartition(" ")[0].rstrip(",;:.") + "…"
    return page.replace("</title>", f'</title>\n    <meta content="{html.escape(text)}" name="description" />', 1)
