"""How a product is made, where a feed tells: columns of our own, or Google's `product_detail` by its name.

`product_detail` is a section, a name and a value. In XML these are three elements (`markup` writes one line
each), in a table the three texts are parted by colons and the details by commas.
"""

import re
from collections.abc import Iterable

#: What a detail may be called, in Dutch and English, folded to small letters.
_NAMES = {
    "craft_maker": ("maker", "made by", "manufacturer", "gemaakt door", "fabrikant"),
    "craft_material": ("material", "materials", "made of", "materiaal", "materialen", "gemaakt van"),
    "craft_process": (
        "process",
        "proces",
        "how it is made",
        "technique",
        "werkwijze",
        "hoe het gemaakt is",
        "techniek",
    ),
    "craft_repair": (
        "repair",
        "care",
        "care and repair",
        "maintenance",
        "reparatie",
        "herstel",
        "onderhoud",
        "onderhoud en reparatie",
    ),
}
_FIELD_OF_NAME = {name: field for field, names in _NAMES.items() for name in names}
_PART = re.compile(r"\n(section_name|attribute_name|attribute_value)=")
_NEXT_DETAIL = re.compile(r",(?=[^,:]*:[^,:]*:)")
_PARTS = 3


def craft_details(values: Iterable[str]) -> dict[str, str]:
    """The craft fields that these details fill, the first of each name; others are left alone."""
    found: dict[str, str] = {}
    for name, value in _details(values):
        field = _FIELD_OF_NAME.get(" ".join(name.split()).lower())
        if field and value and not value.isspace():
            found.setdefault(field, value)
    return found


def _details(values: Iterable[str]) -> Iterable[tuple[str, str]]:
    for text in values:
        if "\nattribute_name=" in text:
            _before, *pieces = _PART.split(text)
            parts = dict(zip(pieces[::2], pieces[1::2], strict=True))
            yield parts["attribute_name"], parts.get("attribute_value", "")
            continue
        for detail in _NEXT_DETAIL.split(text):
            pieces = detail.split(":", _PARTS - 1)
            if len(pieces) == _PARTS:
                yield pieces[1], pieces[2]
