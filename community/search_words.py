"""The words that can be found: kept from titles, to set mistyped words right, to complete begun ones, and to find
Dutch compounds by a part ("kop" in "theekop").

Only titles that anybody may read lend their words, so that none of a secret board is ever suggested.
"""

import re
from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.contrib.postgres.search import TrigramSimilarity
from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from community.models import SearchWord

REFRESHED_EVERY_SECONDS = 15 * 60
_SHORTEST_PART = 3
_SHORTEST_TO_CORRECT = 3
#: Up to this length every word at one edit is looked up; longer ones are found by their trigrams.
_LONGEST_TO_EDIT = 8
_MOST_PARTS = 40
_MOST_ALIKE = 30
_LETTERS = "abcdefghijklmnopqrstuvwxyzéëïöü"
#: "rode", "bomen": one vowel, one consonant, an ending; "rood", "boom": two vowels, one consonant.
_OPEN_SYLLABLE = re.compile(r"(?<![aeiou])(?P<vowel>[aeou])(?P<consonant>[bdfgklmnprstvz])en?$")
_CLOSED_SYLLABLE = re.compile(r"(?P<vowel>aa|ee|oo|uu)(?P<consonant>[bdfgklmnprst])$")
_VOICELESS = {"z": "s", "v": "f"}
_VOICED = {"s": "z", "f": "v"}
_FRESH = "search-words-fresh"

#: One word a title, however often it stands there; in lower case, as the database cuts texts for search.
_COUNT_ANEW = """
WITH counted AS MATERIALIZED (
    SELECT word, ndoc FROM ts_stat($titles$
        SELECT to_tsvector('simple', title) FROM advocates_product
        UNION ALL
        SELECT to_tsvector('simple', title) FROM advocates_publication
        WHERE state = 'public'
    $titles$)
    WHERE char_length(word) BETWEEN 2 AND 60 AND word ~ '^[[:alpha:]][[:alnum:]]*$'
), gone AS (
    DELETE FROM community_searchword
    WHERE NOT EXISTS (SELECT FROM counted WHERE counted.word = community_searchword.word)
), kept AS (
    INSERT INTO community_searchword (word, uses) SELECT word, ndoc FROM counted
    ON CONFLICT (word) DO UPDATE SET uses = EXCLUDED.uses WHERE community_searchword.uses <> EXCLUDED.uses
)
SELECT count(*) FROM counted
"""


def refresh_search_words() -> int:
    """Count all words anew; how many there are. A word whose count did not change is not written."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_ANEW)
        return int(cursor.fetchone()[0])


def refresh_search_words_now_and_then() -> int:
    """Count anew when nobody did in the last quarter of an hour; 0 when it was not yet time."""
    if not cache.add(_FRESH, 1, timeout=REFRESHED_EVERY_SECONDS):
        return 0
    return refresh_search_words()


def words_beginning_with(part: str, *, most: int) -> list[str]:
    """Words that begin so, the most used first."""
    begun = SearchWord.objects.filter(word__startswith=part.lower())
    return list(begun.order_by("-uses", "word").values_list("word", flat=True)[:most])


def words_holding(parts: Sequence[str]) -> dict[str, list[str]]:
    """Per part the other words it is in: those that end so first ("kop": theekop), as Dutch compounds do."""
    wanted = [part for part in dict.fromkeys(parts) if len(part) >= _SHORTEST_PART]
    if not wanted:
        return {}
    inside = reduce(or_, (Q(word__contains=part) for part in wanted))
    found = SearchWord.objects.filter(inside).order_by("-uses", "word").values_list("word", flat=True)
    words = list(found[: _MOST_PARTS * len(wanted) * 2])
    holding = {part: [word for word in words if part in word and word != part] for part in wanted}
    return {
        part: sorted(words, key=lambda word: not word.endswith(part))[:_MOST_PARTS]
        for part, words in holding.items()
    }


def forms_of(word: str) -> list[str]:
    """Other forms of a Dutch word that stand in some title, where cutting off an ending does not join them:
    "grijze" and "grijs", "rode" and "rood", "brieven" and "brief".
    """
    return sorted(known(sorted(_other_forms(word))) - {word})


def known(words: Sequence[str]) -> set[str]:
    """Those of the words that stand in some title just so."""
    return set(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))


def nearest_word(word: str) -> str | None:
    """The word that somebody most probably meant: one edit away (two in a long word), the most used of those."""
    if len(word) < _SHORTEST_TO_CORRECT or not word.isalpha():
        return None
    if len(word) <= _LONGEST_TO_EDIT:
        candidates = SearchWord.objects.filter(word__in=_one_edit_from(word))
    else:
        alike = SearchWord.objects.filter(word__trigram_similar=word)
        candidates = alike.order_by(TrigramSimilarity("word", word).desc(), "word")[:_MOST_ALIKE]
    allowed = 1 if len(word) <= _LONGEST_TO_EDIT else 2
    near = [
        (edits, -uses, found)
        for found, uses in candidates.values_list("word", "uses")
        if 0 < (edits := edits_between(word, found)) <= allowed
    ]
    return min(near)[2] if near else None


def edits_between(one: str, other: str) -> int:
    """How many letters to add, drop, change, or swap with their neighbour to make one word of the other."""
    last: list[int] = []
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        last, before, row = before, row, [i]
        for j, sign in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != sign))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == sign:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _other_forms(word: str) -> set[str]:
    forms = set()
    for voiced, plain in (("z", "s"), ("v", "f")):
        for ending in ("e", "en"):
            if word.endswith(voiced + ending):
                forms.add(word.removesuffix(voiced + ending) + plain)
            if word.endswith(plain):
                forms.add(word.removesuffix(plain) + voiced + ending)
    if found := _OPEN_SYLLABLE.search(word):
        before, vowel, consonant = word[: found.start()], found["vowel"], found["consonant"]
        forms.update(
            {
                f"{before}{vowel}{vowel}{consonant}",
                f"{before}{vowel}{vowel}{_VOICELESS.get(consonant, consonant)}",
            }
        )
    if found := _CLOSED_SYLLABLE.search(word):
        before, vowel, consonant = word[: found.start()], found["vowel"][0], found["consonant"]
        for sound in {consonant, _VOICED.get(consonant, consonant)}:
            forms.update({f"{before}{vowel}{sound}e", f"{before}{vowel}{sound}en"})
    return forms


def _one_edit_from(word: str) -> set[str]:
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    changed = {left + letter + right[1:] for left, right in cuts if right for letter in _LETTERS}
    added = {left + letter + right for left, right in cuts for letter in _LETTERS}
    return dropped | swapped | changed | added
