"""What the exercises add up to: three things that a learner ends up owning, each made of parts."""

PARTS = {
    "Mask R-CNN": (
        "anchor-box",
        "anchor-grid",
        "match-anchors",
        "encode-deltas",
        "suppress-doubles",
        "roi-align",
        "own-box",
        "own-mask",
        "mask-loss",
        "box-loss",
        "candidates",
        "paste-mask",
    ),
    "The evaluator": (
        "box-iou",
        "mask-iou",
        "greedy-match",
        "count-outcomes",
        "precision-recall",
        "f1-score",
        "count-per-class",
        "macro-scores",
        "best-cutoff",
        "ranked-curve",
        "deck-formula",
        "coco-map",
    ),
    "The estimator": (
        "polygon-to-mask",
        "amodal-targets",
        "paste-on-top",
        "learning-rate",
        "area-in-cm2",
        "turned-sides",
        "leave-piece-out",
        "plate-kcal",
        "plate-interval",
    ),
}
"""Exercise ids, in the order in which their results flow into each other."""
