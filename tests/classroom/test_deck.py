"""Every heading of the slide deck is taught: its lesson has a Markdown cell that speaks of it.

The deck is Nadya Aditama's "Segmentasi Citra berbasis Deep Learning". A lesson that is not written yet skips its rows.
"""

import re
from functools import cache

import pytest

from course_utils.classroom.build import find_sources
from course_utils.classroom.source import read_source
from course_utils.paths import repo_root

# (heading of the deck, lesson, words: one Markdown cell holds all of them, in whatever case).
# A word may offer several spellings, parted by "|".
DECK = [
    ("Apa itu Segmentasi?", 1, ["Birchfield", "pixels", "projection of the same object"]),
    ("Fakta menarik tentang segmentasi citra", 1, ["detection", "bounding box", "every pixel"]),
    ("Jenis Segmentasi Citra", 2, ["semantic", "instance", "panoptic"]),
    ("Semantic Segmentation", 2, ["semantic segmentation", "Minaee"]),
    ("Instance Segmentation", 2, ["instance segmentation", "overlap|touch|separate|which one"]),
    ("Panoptic Segmentation", 2, ["panoptic segmentation", "exactly one segment|every pixel"]),
    ("Metode Instance Segmentation", 4, ["Mask R-CNN", "He et al"]),
    ("Mask R-CNN", 4, ["Mask R-CNN", "Faster R-CNN"]),
    ("Bagian-bagian Mask R-CNN", 4, ["backbone", "proposal", "RoIAlign", "head"]),
    ("Proses Segmentasi", 4, ["mask", "box", "class", "proposal"]),
    ("Backbone Model: arsitektur", 5, ["ResNet", "ResNeXt", "50", "101"]),
    ("Backbone Model: arsitektur lain", 5, ["MobileNet"]),
    ("Backbone Model: feature map makin kecil", 5, ["deeper|stride|halve|half|shrink|smaller", "map"]),
    ("Contoh Backbone Model ResNet + FPN: bottom up", 6, ["bottom-up|bottom up"]),
    ("Contoh Backbone Model ResNet + FPN: top-down", 6, ["top-down|top down", "1x1|1 x 1|1×1|1 × 1", "upsampl|upscal"]),
    ("Region Proposal Network", 7, ["region proposal network|RPN", "anchor"]),
    ("Region Proposal Network: sliding window", 7, ["sliding window|slides|slide", "scale|size"]),
    ("ROIAlign: dimensi yang sama", 8, ["RoIAlign", "same size|fixed|7x7|7 x 7|7×7|7 × 7"]),
    ("ROIAlign: bilinear interpolation", 8, ["bilinear"]),
    ("ROIAlign: max atau average", 8, ["four", "max", "average|mean"]),
    ("Head Architecture", 9, ["class", "box", "mask", "branch|head"]),
    ("Head Architecture: ResNet C4", 9, ["C4"]),
    ("Head Architecture: ResNet FPN", 9, ["FPN", "head"]),
    ("Cabang Klasifikasi dan Bounding Box", 9, ["background", "C + 1|C+1"]),
    ("Proses Segmentasi: seluruhnya", 10, ["paste|pasting|pasted", "mask"]),
    ("IoU (Intersection Over Union)", 11, ["intersection over union", "IoU"]),
    ("TP (True Positive)", 11, ["true positive", "threshold"]),
    ("FP (False Positive)", 11, ["false positive"]),
    ("FN (False Negative)", 11, ["false negative"]),
    (
        "FP/FN: tidak ada hasil deteksi yang beririsan",
        11,
        ["no detection|no overlap|does not overlap|overlaps nothing"],
    ),
    ("Metrik Evaluasi Instance Segmentation", 12, ["precision", "recall", "F1"]),
    ("Precision", 12, ["precision", "TP", "FP"]),
    ("Recall", 12, ["recall", "TP", "FN"]),
    ("F1 Score", 12, ["F1", "harmonic mean"]),
    ("Mean Average Precision", 13, ["mean average precision|mAP", "class"]),
    ("Average Precision: langkah-langkah", 13, ["precision-recall curve|precision-recall", "recall"]),
    ("Average Precision: threshold 0.5 - 0.95", 13, ["0.5", "0.95", "threshold"]),
    ("Average Precision: rumus", 13, ["R(k)|Recalls(k)|R_k", "deck|slide"]),
    ("Permasalahan: tumpang tindih", 14, ["overlap|hides|on top of|occlu"]),
    ("Permasalahan: satu fitur", 14, ["Abdelhady", "one feature|single feature"]),
    ("Solusi: dataset 6 kelas", 14, ["six", "class|food|kind", "photo|plate|picture"]),
    ("Pembangunan Dataset Mask R-CNN", 14, ["amodal", "annotat"]),
    ("Amodal Instance Segmentation", 15, ["amodal", "Qi et al"]),
    ("Tahap Pembangunan Sistem", 15, ["train"]),
    ("Skenario Pengujian", 16, ["occluded", "non-occluded|non occluded|not occluded"]),
    ("Performansi Segmentasi Data Test", 16, ["0.85", "0.9", "precision", "recall"]),
    ("Performansi Segmentasi: dua backbone", 16, ["ResNet", "ResNeXt"]),
    ("Contoh Hasil Segmentasi", 16, ["example|good|best|succe"]),
    ("Kasus Gagal", 16, ["fail"]),
    ("Pembangunan Dataset Multiple Linear Regression", 17, ["weigh", "ten"]),
    ("Multiple Linear Regression", 17, ["linear regression", "feature"]),
    ("Multiple Linear Regression: fitur", 17, ["area", "perimeter", "length", "width"]),
    ("Alur Sistem", 18, ["mask", "weight|gram", "kilocalor|kcal"]),
    ("Hasil Estimasi Kalori", 18, ["MAE|mean absolute error"]),
    ("Kesimpulan", 18, ["more features|feature", "error"]),
    ("What Next?", 18, ["what next|what comes next|where to go|go on from here"]),
    ("Additional Resources", 13, ["additional resources", "kdnuggets", "programmersought"]),
    ("Demo Program", 18, ["your own photo|own photo|demo"]),
]
PARTED = [
    pytest.param(*row, id=f"{row[1]:02d}-{re.sub(r'[^a-z0-9]+', '-', row[0].lower()).strip('-')}") for row in DECK
]


@cache
def prose(lesson: int) -> list[str]:
    """The Markdown cells of a lesson, each on one line in lower case; a skip while there is no such lesson."""
    sources = [path for path in find_sources(repo_root()) if path.name.startswith(f"{lesson:02d}_")]
    if not sources:
        pytest.skip(f"lesson {lesson:02d} is not written yet")
    cells = [cell.text for cell in read_source(sources[0]) if cell.kind == "markdown"]
    return [re.sub(r"[*_`\s]+", " ", text).lower() for text in cells]


def speaks_of(text: str, words: list[str]) -> bool:
    """Whether each word, in one of its spellings, occurs in a text as `prose` gives it."""
    return all(any(_plain(spelling) in text for spelling in word.split("|")) for word in words)


def _plain(word: str) -> str:
    return re.sub(r"[_\s]+", " ", word).lower()


@pytest.mark.parametrize(("heading", "lesson", "words"), PARTED)
def test_a_heading_is_taught(heading: str, lesson: int, words: list[str]) -> None:
    assert any(speaks_of(text, words) for text in prose(lesson)), f"no Markdown cell speaks of {heading!r}: {words}"


def test_words_must_stand_in_one_cell() -> None:
    assert speaks_of("precision is tp over tp and fp", ["Precision", "TP", "nothing|FP"])
    assert not speaks_of("precision is tp over all", ["precision", "TP", "nothing|FP"])
