"""Mutation testing: the fixed cases of an exercise must notice every small change to its solution and its reference."""
