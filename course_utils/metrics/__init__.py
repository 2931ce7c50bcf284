"""Measuring: who matched whom, and every number that follows from it."""
