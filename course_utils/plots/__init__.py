"""Every figure that the lessons draw, in one style."""
