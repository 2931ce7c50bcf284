"""Sphinx's settings. The pages that it reads are written by `course_site.stage`; what depends on
the language, `course_site.bind` sets."""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(_HERE))

from course_site.styles import OWN  # noqa: E402  found on the path from here on

project = "From Pixels to Calories"
author = "The authors of From Pixels to Calories"

extensions = ["myst_parser", "course_site.glossary", "course_site.formulas", "course_site.search"]
root_doc = "index"
exclude_patterns = ["_made"]
default_role = "py:obj"
add_module_names = False
python_display_short_literal_types = True
python_use_unqualified_type_names = True
toc_object_entries = False

myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 4
course_glossary = str(_HERE / "glossary")

html_theme = "furo"
html_favicon = str(_HERE / "static" / "mark.svg")
html_static_path = [str(_HERE / "static")]
html_css_files = list(OWN)
html_js_files = [("site.js", {"defer": "defer"})]
html_math_renderer = "mathml"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = True
html_permalinks_icon = "#"
html_last_updated_fmt = None
html_domain_indices = False
html_use_index = False
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "light_logo": "mark.svg",
    "dark_logo": "mark.svg",
    "sidebar_hide_name": False,
}
