"""Reading plates: scenes with their amodal and visible masks, splits, views and importers."""

from course_utils.dataset.classes import CLASSES, PLATE_ID, TABLE_ID
from course_utils.dataset.foods import Food, load_foods
from course_utils.dataset.scene import Instance, Scene
from course_utils.dataset.split import Split, load

__all__ = ["CLASSES", "PLATE_ID", "TABLE_ID", "Food", "Instance", "Scene", "Split", "load", "load_foods"]
