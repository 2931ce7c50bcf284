"""Grading a class with nbval: only the answers of a submission are taken, and compared out of their reach."""
