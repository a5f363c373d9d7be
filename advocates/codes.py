"""Codes: the discount codes that credit an advocate at any till."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import CharField, Func, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from advocates.models import Code, Enrolment, Programme
from advocates.refusals import Refusal

#: Words that a shop uses for everybody, or that would pass for the house.
RESERVED_CODES = frozenset(
    {
        "ACTIE",
        "ADMIN",
        "AFFILIATE",
        "BEDANKT",
        "BLACKFRIDAY",
        "CADEAU",
        "CODE",
        "COUPON",
        "CYBERMONDAY",
        "DISCOUNT",
        "FREE",
        "FREESHIPPING",
        "GIFT",
        "GIFTCARD",
        "GRATIS",
        "GRATISVERZENDING",
        "HELP",
        "INFO",
        "KADO",
        "KADOBON",
        "KLANTENSERVICE",
        "KORTING",
        "NEWSLETTER",
        "NIEUW",
        "NIEUWSBRIEF",
        "NONE",
        "NULL",
        "OUTLET",
        "PROMO",
        "PROMOCODE",
        "PROMOTION",
        "RETOUR",
        "SALE",
        "SHOP",
        "SINTERKLAAS",
        "STAFF",
        "STUDENT",
        "SUPPORT",
        "TEST",
        "UITVERKOOP",
        "UNDEFINED",
        "VERZENDING",
        "VOORSPRAAK",
        "VOUCHER",
        "WEBSHOP",
        "WELCOME",
        "WELKOM",
        "WINKEL",
        "XMAS",
    }
)
SHORTEST, LONGEST = 3, 30
_SUGGESTIONS = 4
#: Letters that are read and typed for digits: of two codes that differ in nothing else, one takes the other's buyers.
_LETTERS, _DIGITS = "OIL", "011"


class UnableToCreateCode(Refusal):
    """The code cannot be had; `errors` says why, under "code" or ""."""


def normalise(text: str) -> str:
    """A code as it is kept and compared: capitals, without the spaces and dashes that people put in."""
    folded = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        char for char in folded if unicodedata.category(char) not in {"Zs", "Pd", "Cf", "Cc", "Pc"}
    )


def look(code: str) -> str:
    """What a reader sees of a kept code: the same for ADA10 and ADAIO."""
    return code.translate(str.maketrans(_LETTERS, _DIGITS))


_RESERVED_LOOKS = frozenset(map(look, RESERVED_CODES))


def create_code(*, enrolment: Enrolment, code: str, at: datetime) -> Code:
    """Give an enrolment a code; asking again for a code one has gives the same.

    A code is unique in its programme, looks like nobody else's there, and never passes to somebody else. Raises
    UnableToCreateCode.
    """
    if not Enrolment.objects.active(at=at).filter(pk=enrolment.pk).exists():
        raise UnableToCreateCode(_("You have no deal now: ask the shop to join first."))
    wanted = _checked(code)
    others = Code.objects.alias(look=_looks()).filter(programme=enrolment.programme_id, look=look(wanted))
    if others.exclude(enrolment__advocate=enrolment.advocate_id).exists():
        raise _in_use(wanted)
    try:
        with transaction.atomic():
            return Code.objects.create(
                enrolment=enrolment, programme_id=enrolment.programme_id, code=wanted, created_at=at
            )
    except IntegrityError:  # the constraint decides, also between two who ask at once
        codes = Code.objects.select_related("enrolment")
        taken = codes.get(programme=enrolment.programme_id, code__iexact=wanted)
    # Who ended and joined again keeps the codes of the first time.
    if taken.enrolment.advocate_id == enrolment.advocate_id and taken.retired_at is None:
        return taken
    raise _in_use(wanted)


def _in_use(code: str) -> UnableToCreateCode:
    return UnableToCreateCode(
        {"code": [_("“%(code)s” is or was in use. Choose another one.") % {"code": code}]}
    )


def _looks() -> Func:
    """`look` of each code, as the database works it out."""
    return Func(
        Upper("code"), Value(_LETTERS), Value(_DIGITS), function="TRANSLATE", output_field=CharField()
    )


def suggest_codes(*, enrolments: Sequence[Enrolment], at: datetime) -> dict[int, list[str]]:
    """Codes that are free now, made from the advocate's and the shop's names, by enrolment id; one query for all."""
    wanted = {one.pk: _candidates(one, at=at) for one in enrolments}
    taken = {
        (programme, look(code.upper()))
        for programme, code in Code.objects.alias(look=_looks())
        .filter(
            programme__in={one.programme_id for one in enrolments},
            look__in={look(code) for codes in wanted.values() for code in codes},
        )
        .values_list("programme", "code")
    }
    return {
        one.pk: [code for code in wanted[one.pk] if (one.programme_id, look(code)) not in taken][
            :_SUGGESTIONS
        ]
        for one in enrolments
    }


def _candidates(enrolment: Enrolment, *, at: datetime) -> list[str]:
    """What she would choose herself, first the shortest: ADA, ADAKLEI, ADAVERMEER, ADA26, KLEIADA, ADA2 …"""
    names = [_plain(word) for word in str(enrolment.advocate.user.get_full_name()).split()]
    person = next((name for name in names if name), "")
    shop = next((word for word in map(_plain, enrolment.programme.shop.name.split()) if word), "")
    numbered = [f"{person or shop}{number}" for number in range(2, _SUGGESTIONS + 2)]
    made = [person, person + shop, "".join(names), f"{person}{at:%y}", shop + person, *numbered]
    fit = (code for code in made if SHORTEST <= len(code) <= LONGEST and look(code) not in _RESERVED_LOOKS)
    return list(dict.fromkeys(fit))


def _plain(text: str) -> str:
    """A word of a name as it can stand in a code: "Zoë" → "ZOE"."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Z0-9]", "", ascii_only.upper())


def retire_code(*, code: Code, at: datetime) -> Code:
    """Take a code out of use; it stays taken for ever."""
    Code.objects.filter(pk=code.pk, retired_at=None).update(retired_at=at)
    code.refresh_from_db(fields=["retired_at"])
    return code


@dataclass(frozen=True)
class FoundCodes:
    """Codes of programmes, by (programme, text as it is kept)."""

    codes: Mapping[tuple[int, str], Code]

    def in_use(self, *, programme: int, text: str, at: datetime) -> Code | None:
        """The code of this programme, in use at `at`, that a buyer meant by `text`."""
        code = self.codes.get((programme, normalise(text)))
        return code if code is not None and (code.retired_at is None or code.retired_at > at) else None


def find_codes(*, programmes: Collection[int], texts: Iterable[str]) -> FoundCodes:
    """The codes of these programmes that somebody may have meant: capitals, spaces and dashes do not matter.

    A code credits `code.enrolment.advocate`; whether she had a deal then is `enrolments.active_enrolment`'s to say.
    """
    wanted = {text for text in map(normalise, texts) if text and len(text) <= LONGEST}
    if not wanted or not programmes:
        return FoundCodes({})
    codes = Code.objects.alias(upper=Upper("code")).filter(programme__in=programmes, upper__in=wanted)
    rows = codes.select_related("enrolment__advocate")
    return FoundCodes({(code.programme_id, code.code.upper()): code for code in rows})


def find_code(*, programme: Programme, text: str, at: datetime) -> Code | None:
    """The code of this programme, in use at `at`, that a buyer meant."""
    found = find_codes(programmes=[programme.pk], texts=[text])
    return found.in_use(programme=programme.pk, text=text, at=at)


def _checked(code: str) -> str:
    wanted = normalise(code)
    problem = ""
    if not re.fullmatch(r"[A-Z0-9]*", wanted):
        problem = _("Use letters and digits only, like ADA10.")
    elif not SHORTEST <= len(wanted) <= LONGEST:
        problem = _("Use %(least)d to %(most)d letters and digits.") % {"least": SHORTEST, "most": LONGEST}
    elif look(wanted) in _RESERVED_LOOKS:
        problem = _("“%(code)s” is a word that shops use for everybody. Choose one of your own.") % {
            "code": wanted
        }
    if problem:
        raise UnableToCreateCode({"code": [problem]})
    return wanted
