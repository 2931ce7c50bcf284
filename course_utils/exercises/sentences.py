"""Sentences that are compared in English and said in the reader's language: a template, and what stands in it."""

from typing import Any


class Sentence(str):
    """A sentence in English that knows how it was made, for whoever says it in another language.

    It imports nothing: where answers are graded, probes make such sentences and no catalogue is there.
    """

    template: str
    values: dict[str, Any]

    def __new__(cls, template: str, **values: Any) -> "Sentence":
        """The template with values in the place of its names."""
        self = super().__new__(cls, template.format(**values))
        self.template, self.values = template, values
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, Any]]:
        """For copies."""
        return (self.template,), self.values
