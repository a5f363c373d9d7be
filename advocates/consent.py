"""Whether a visitor may be recognised: by the law of the shop's country, and by what the visitor said.

One cookie, for one purpose: to join the clicks of one browser. It is set where the law asks no question for that (in
the Netherlands article 11.7a, third paragraph, of the Telecommunicatiewet: little or no effect on privacy, which is
why it is first-party, HttpOnly, of bounded life and joined to nothing else), or where the visitor said yes. Without
it the id of the click alone credits.

Pages ask for it only where some shop of the site needs the question, and only who has not answered it yet
(docs/decisions/0012).
"""

from collections.abc import Mapping

from django.conf import settings

from advocates.models import Shop

#: Cookie that keeps what the visitor chose, and the two words it may hold.
CONSENT_COOKIE, CONSENT_GIVEN, CONSENT_REFUSED = "vp_consent", "yes", "no"
#: How long a choice is remembered; half a year later the law of the country counts again.
CONSENT_DAYS = 180
#: What the setting ATTRIBUTION_COOKIE says of a country whose law needs no question; any other needs one.
EXEMPT = "exempt"


def exempt_countries() -> list[str]:
    """The countries (ISO 3166-1, in the order of the alphabet) whose law needs no question."""
    return sorted(country for country, rule in settings.ATTRIBUTION_COOKIE.items() if rule == EXEMPT)


def is_question_needed() -> bool:
    """Whether the site has a shop in a country where the visitor must say yes first."""
    return Shop.objects.exclude(country__in=exempt_countries()).exists()


def is_answered(*, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether this browser has said what it wants: by our question, or by its signal."""
    return cookies.get(CONSENT_COOKIE) == CONSENT_GIVEN or is_refused(headers=headers, cookies=cookies)


def is_refused(*, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether the visitor said no: by our own question, or by the browser's signal (GPC, DNT)."""
    return (
        cookies.get(CONSENT_COOKIE) == CONSENT_REFUSED
        or headers.get("sec-gpc") == "1"
        or headers.get("dnt") == "1"
    )


def is_exempt(country: str) -> bool:
    """Whether the law of a shop's country lets the cookie be set without a question."""
    return settings.ATTRIBUTION_COOKIE.get(country) == EXEMPT


def may_recognise(*, country: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> bool:
    """Whether a click to a shop of this country may be joined to other clicks of the same browser."""
    if is_refused(headers=headers, cookies=cookies):
        return False
    return is_exempt(country) or cookies.get(CONSENT_COOKIE) == CONSENT_GIVEN
