"""The course's COCO, or plain COCO, in the formats of others."""

from course_utils.dataset.exporters.files import to_coco, to_cocoa, to_kins_2019
from course_utils.dataset.exporters.labelme import write_labelme
from course_utils.dataset.exporters.yolo import write_yolo

FILES = {"coco": to_coco, "kins-2019": to_kins_2019, "cocoa": to_cocoa}
"""Formats of one JSON file: what makes its content of an `AnnotationFile`, whole outlines or visible ones."""

FOLDERS = {"labelme": write_labelme, "yolo": write_yolo}
"""Formats of a folder: what writes it."""

__all__ = ["FILES", "FOLDERS", "to_coco", "to_cocoa", "to_kins_2019", "write_labelme", "write_yolo"]
