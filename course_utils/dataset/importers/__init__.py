"""Data sets of others in the course's own COCO."""

from course_utils.dataset.importers.found import Imported
from course_utils.dataset.importers.read import FORMATS, Source, import_data

__all__ = ["FORMATS", "Imported", "Source", "import_data"]
