"""The machinery of the course: building the lessons from their sources, and grading answers to them."""
