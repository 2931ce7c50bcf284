"""The course as a website: pages are made from the lessons, the package and the data, and Sphinx binds them."""
