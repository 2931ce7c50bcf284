"""What a card says of something that was compared in English."""

from course_utils.exercises.sentences import Sentence
from course_utils.translation.say import _


def said(words: str) -> str:
    """English words in the reader's language; of a `Sentence` its template is looked up, and those that stand in it."""
    if not isinstance(words, Sentence):
        return _(words)
    values = {name: said(value) if isinstance(value, Sentence) else value for name, value in words.values.items()}
    return _(words.template).format(**values)
