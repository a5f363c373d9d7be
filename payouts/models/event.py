"""Stripe's inbox: each event is stored before anybody acts on it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from payouts.enums import EventState


class StripeEvent(models.Model):
    """One event as Stripe sent it; `payload` is only a hint, the object is read again before acting."""

    stripe_event_id = models.CharField(_("event at Stripe"), max_length=255, unique=True)
    type = models.CharField(_("type"), max_length=120)
    stripe_account_id = models.CharField(_("connected account"), max_length=255, blank=True)
    object_id = models.CharField(_("object"), max_length=255, blank=True)
    livemode = models.BooleanField(_("live"))
    payload = models.JSONField(_("payload"))
    created_at = models.DateTimeField(_("created at Stripe"))
    received_at = models.DateTimeField(_("received at"))
    state = models.CharField(_("state"), max_length=9, choices=EventState, default=EventState.RECEIVED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("Stripe event")
        verbose_name_plural = _("Stripe events")
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="stripe_event_to_process",
                condition=models.Q(state__in=["received", "waiting", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.stripe_event_id}"


class EventReading(models.Model):
    """How far the events that did not reach us were read back at Stripe, for one account.

    A reading goes through the events from `read_to` up to `reads_to`, newest first, and may stop at any page: `after`
    is the last event of that page.
    """

    stripe_account_id = models.CharField(_("connected account"), max_length=255, blank=True, unique=True)
    read_to = models.DateTimeField(_("read up to"))
    reads_to = models.DateTimeField(_("is reading up to"), null=True, blank=True)
    after = models.CharField(_("last event of the page"), max_length=255, blank=True)
    read_at = models.DateTimeField(_("read at"))

    class Meta:
        verbose_name = _("reading of events")
        verbose_name_plural = _("readings of events")

    def __str__(self) -> str:
        return self.stripe_account_id or "platform"
