"""What people paste: links and codes with all that a text, a mail or a messenger hung on them."""

import re
import unicodedata
from urllib.parse import unquote

_LONGEST_CODE = 16
#: Mail programmes and messengers encode an address that was encoded already.
_MOST_ENCODINGS = 3


def read_code(text: str) -> str:
    """The code in what somebody pasted: a code or a whole address of ours, with what a text left hanging on it.

    Capitals, spaces, signs around it, what follows the code, and percent-encoding (even twice) do not matter. Empty
    where there is none. It knows no row: the same reading stands before every look-up.
    """
    shown = visible(text)
    after = re.search(r"(?i)(?:^|[^a-z0-9])go/+(?P<rest>.*)", shown, re.DOTALL)
    match = re.search(r"[A-Za-z0-9]+", after["rest"] if after else shown)
    return match[0].lower() if match is not None and len(match[0]) <= _LONGEST_CODE else ""


def visible(text: str) -> str:
    """What a reader sees of a pasted text: percent-encoding read, wide letters made plain, nothing invisible."""
    for _layer in range(_MOST_ENCODINGS):
        text, before = unquote(text), text
        if text == before:
            break
    folded = unicodedata.normalize("NFKC", text)
    return "".join(char for char in folded if unicodedata.category(char) not in {"Cf", "Cc", "Zs"})
