"""Editions in other languages: the lessons' words in gettext catalogues, the code the same for all."""
