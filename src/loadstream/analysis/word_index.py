"""Which of many texts may hold a word, looked up: a large tree is asked for thousands of words."""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Collection, Sequence

_WORD = re.compile(rb"\w+")
_PLACES = 4  # for each text: of those that are told, a fixed number do not hold the word


class WordIndex:
    """The numbers of the texts that may hold a word by itself.

    A word is known by its hash alone, so that the index is smaller than the texts: it tells of
    every text that holds the word, and of some that do not.
    """

    def __init__(self, texts: Collection[bytes]) -> None:
        self._mask = (1 << max(16, (_PLACES * len(texts)).bit_length())) - 1
        self._numbers: defaultdict[int, array[int]] = defaultdict(lambda: array("I"))
        for number, text in enumerate(texts):
            for place in {hash(word) & self._mask for word in set(_WORD.findall(text))}:
                self._numbers[place].append(number)

    def numbers(self, word: bytes) -> Sequence[int] | None:
        """Those of the texts that may hold `word`, in order; None where any may.

        Of a name that is no single word in ASCII, each part is one by itself, too.
        """
        places = [hash(part) & self._mask for part in _WORD.findall(word)]
        return min((self._numbers.get(place, ()) for place in places), key=len, default=None)
