"""The six street foods, in the order of their category ids (1 to 6)."""

CLASSES = ("bakwan", "bolu", "cireng", "serabi", "tahu", "tempe")

# Ids of a semantic map besides the foods' own.
TABLE_ID = 0
PLATE_ID = 7
