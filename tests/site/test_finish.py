"""What is done to pages after Sphinx: one stylesheet, colours of the dark, sizes of pictures, a description."""

import base64
import io
from pathlib import Path

import pytest

pytest.importorskip("sphinx", reason='the site\'s packages are not installed: pip install -e ".[site]"')

from course_site.describe import described
from course_site.finish import STILLS, finish
from course_site.styles import also_by_system, join_styles
from PIL import Image

PAGE = """<head><title>T</title>
<link rel="stylesheet" type="text/css" href="{up}_static/styles/theme.css?v=1" />
<link rel="stylesheet" type="text/css" href="{up}_static/site.css?v=2" />
</head><body>{body}</body>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "_static" / "styles").mkdir(parents=True)
    (tmp_path / "lessons").mkdir()
    (tmp_path / "_static" / "styles" / "theme.css").write_text("a { color: red }")
    (tmp_path / "_static" / "site.css").write_text('body[data-theme="dark"] b { color: blue }')
    (tmp_path / "index.html").write_text(PAGE.format(up="", body=""))
    (tmp_path / "lessons" / "01.html").write_text(PAGE.format(up="../", body=""))
    return tmp_path


def test_what_holds_in_the_dark_is_said_once_and_holds_twice() -> None:
    css = '@media not print {\n  body[data-theme="dark"] p { color: #fff; margin: 0 }\n}\nbody { color: #000 }'
    assert also_by_system(css) == (
        '@media not print {\n  body[data-theme="dark"] p { color: #fff; margin: 0 }\n'
        '@media (prefers-color-scheme: dark) { body:not([data-theme="light"]) p { color: #fff; margin: 0 } }\n'
        "}\nbody { color: #000 }"
    )


def test_pages_wait_for_one_stylesheet(site: Path) -> None:
    join_styles(site)
    joined = (site / "_static" / "course.css").read_text()
    assert joined.index("red") < joined.index("blue") < joined.rindex("blue")
    for page, up in (("index.html", ""), ("lessons/01.html", "../")):
        text = (site / page).read_text()
        assert text.count('rel="stylesheet"') == 1 and f'href="{up}_static/course.css?v=' in text
        assert f'href="{up}_static/fonts/serif.woff" as="font"' in text


def test_stylesheets_that_cannot_be_joined_are_named(site: Path) -> None:
    (site / "_static" / "styles" / "theme.css").write_text("a { background: url(x.png) } b { background: url(data:x) }")
    with pytest.raises(ValueError, match=r"theme\.css names url\(x\.png\) from its own folder"):
        join_styles(site)
    (site / "other.html").write_text('<link rel="stylesheet" href="_static/site.css" />')
    with pytest.raises(ValueError, match="pages load different stylesheets"):
        join_styles(site)


def test_a_page_knows_how_large_its_pictures_are(tmp_path: Path) -> None:
    Image.new("L", (30, 20)).save(tmp_path / "a.png")
    (tmp_path / "drawing.svg").write_text("<svg></svg>")
    tags = ['<img alt="A" src="a.png">', '<img alt="D" src="drawing.svg">', '<img alt="G" src="gone.png">']
    kept = '<img alt="K" src="a.png" width="3" height="2">'
    (tmp_path / "page.html").write_text("\n".join([*tags, kept]))
    finish(tmp_path)
    sized = '<img width="30" height="20" loading="lazy" decoding="async" alt="A" src="a.png">'
    assert (tmp_path / "page.html").read_text().splitlines() == [sized, *tags[1:], kept]


def test_a_picture_within_a_page_gets_a_file_that_pages_share(tmp_path: Path) -> None:
    dot = io.BytesIO()
    Image.new("L", (3, 2)).save(dot, "PNG")
    tag = f'<img class="cx-twin" alt="D" src="data:image/png;base64,{base64.b64encode(dot.getvalue()).decode()}">'
    (tmp_path / "lessons").mkdir()
    pages = {"../": tmp_path / "lessons" / "01.html", "": tmp_path / "play.html"}
    for page in pages.values():
        page.write_text(tag + "<script>const data = 'data:image/png;base64,AAAA'</script>")
    finish(tmp_path)
    (file,) = (tmp_path / STILLS).iterdir()
    assert file.read_bytes() == dot.getvalue()
    for up, page in pages.items():
        assert page.read_text().startswith('<img width="3" height="2" loading="lazy"')
        assert f'class="cx-twin" alt="D" src="{up}{STILLS}/{file.name}">' in page.read_text()
        assert "base64,AAAA" in page.read_text()


@pytest.mark.parametrize(
    ("body", "description"),
    [
        (
            "<article><p>No.</p><p>A <b>plate</b> of food,\nseen from straight above.</p>",
            "A plate of food, seen",
        ),
        ("<article>", "From Pixels to Calories, a free course"),
        (f"<article><p>{'word, ' * 40}</p>", f'content="{"word, " * 25}word…"'),
    ],
)
def test_a_page_is_described_by_its_first_paragraph(body: str, description: str) -> None:
    page = described(f"<head><title>T</title></head>{body}")
    assert page.count('name="description"') == 1 and description in page
    assert described(page) == page
