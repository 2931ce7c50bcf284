"""Data sets of others in the course's own COCO: COCOA, KINS 2019, KINS 2020 and plain COCO."""

from course_utils.dataset.importers.coco import from_coco
from course_utils.dataset.importers.cocoa import from_cocoa
from course_utils.dataset.importers.found import Imported
from course_utils.dataset.importers.kins import from_kins_2019, from_kins_2020

FORMATS = {"cocoa": from_cocoa, "kins-2019": from_kins_2019, "kins-2020": from_kins_2020, "coco": from_coco}
"""For each name of a format the function that reads a file of it."""

__all__ = ["FORMATS", "Imported", "from_coco", "from_cocoa", "from_kins_2019", "from_kins_2020"]
