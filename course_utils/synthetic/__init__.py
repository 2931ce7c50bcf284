"""The renderer that made the data set; needs the extra `render`, and no lesson imports it."""
