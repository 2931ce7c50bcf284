"""From Pixels to Calories."""
