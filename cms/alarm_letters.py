"""The one mail of each alarm, to the addresses of ALARM_EMAILS."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from advocates.letters import letter
from payouts.alarms import claim_unmailed, give_back


def mail_alarms(*, at: datetime) -> int:
    """Mail what nobody was told of yet, all in one letter to each address; how many alarms. Nothing without addresses.

    When the mail cannot be sent the alarms are given back, and mailed the next time; the error is the caller's to log.
    """
    if not settings.ALARM_EMAILS:
        return 0
    alarms = claim_unmailed(at=at)
    if not alarms:
        return 0
    context = {"alarms": alarms, "url": settings.SITE_URL + reverse("money_today")}
    try:
        for address in settings.ALARM_EMAILS:
            letter(name="alarms", to=address, language=settings.LANGUAGE_CODE, context=context).send()
    except Exception:
        give_back(alarms)
        raise
    return len(alarms)
