"""Reading plates: scenes with their amodal and visible masks, splits, views and importers."""
