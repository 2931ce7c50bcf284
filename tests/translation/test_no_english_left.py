"""No English is left in a translation's prose: its commonest words do not occur."""

import pytest
from helpers.english import english_words

from course_utils.translation.catalogue import LOCALE, translations
from course_utils.translation.language import languages


@pytest.mark.parametrize("code", languages())
def test_no_common_english_word_is_left(code):
    paths = sorted((LOCALE / code).glob("*.po"))
    found = {
        (p.stem, said): words for p in paths for said in translations(p).values() if (words := english_words(said))
    }
    assert len(paths) > 18 and found == {}


def test_a_sentence_that_was_forgotten_is_found():
    assert english_words('Ini *mask* dari `the`, dan "what" yang lain.') == []
    assert english_words("Setiap piksel is counted for you.") == ["is", "for", "you"]
