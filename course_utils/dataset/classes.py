"""The six street foods, in the order of their category ids (1 to 6)."""

CLASSES = ("bakwan", "bolu", "cireng", "serabi", "tahu", "tempe")


def class_name(label: int) -> str:
    """Indonesian name of the food with a category id; "class 9" when the course has no such food."""
    return CLASSES[label - 1] if 1 <= label <= len(CLASSES) else f"class {label}"


# Ids of a semantic map besides the foods' own.
TABLE_ID = 0
PLATE_ID = 7
