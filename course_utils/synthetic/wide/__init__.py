"""A wider world than the kitchen of the first splits: other tables, light, cameras, and things that are no food."""
