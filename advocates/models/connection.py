"""A shop's own systems: what they send us, and where we tell them and our advocates what happened."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from advocates.enums import EndpointProblem, EventState, MessageState, SaleSource, SendProblem, WebhookEvent


class ShopConnection(models.Model):
    """A webshop that sends its orders and refunds by webhook: which system, and the secret it signs with.

    `token` is the part of the address that names the connection; it proves nothing, the signature does. `secret` is
    empty until the shop has told it (Shopify makes its own): until then nothing is believed. `host` is the shop that
    the messages must come from.
    """

    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="connections")
    system = models.CharField(
        _("system"),
        max_length=11,
        choices=[(one.value, one.label) for one in (SaleSource.WOOCOMMERCE, SaleSource.SHOPIFY)],
    )
    token = models.CharField(_("part of the address"), max_length=32, unique=True)
    secret = models.CharField(_("secret"), max_length=200, blank=True)
    host = models.CharField(_("host of the web shop"), max_length=255, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    first_received_at = models.DateTimeField(_("first heard of at"), null=True, blank=True)
    last_received_at = models.DateTimeField(_("last heard of at"), null=True, blank=True)
    refused_at = models.DateTimeField(_("signature last refused at"), null=True, blank=True)
    disconnected_at = models.DateTimeField(_("disconnected at"), null=True, blank=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "system"],
                condition=Q(disconnected_at__isnull=True),
                name="shop_connection_once_per_system",
            )
        ]

    def __str__(self) -> str:
        return f"{self.shop}: {self.get_system_display()}"


class ShopEvent(models.Model):
    """One message of a shop's system, stored as it came before anybody acts on it."""

    connection = models.ForeignKey(ShopConnection, on_delete=models.PROTECT, related_name="events")
    delivery_id = models.CharField(_("delivery"), max_length=100)
    topic = models.CharField(_("topic"), max_length=60)
    payload = models.JSONField(_("payload"))
    received_at = models.DateTimeField(_("received at"))
    state = models.CharField(_("state"), max_length=9, choices=EventState, default=EventState.RECEIVED)
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    explanation = models.CharField(_("what became of it"), max_length=500, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("shop event")
        verbose_name_plural = _("shop events")
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "delivery_id"], name="shop_event_once")]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="shop_event_to_handle",
                condition=Q(state__in=["received", "waiting", "failed"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.delivery_id}"


class SaleUpload(models.Model):
    """A file of till sales, between its preview and its being taken in; the rows go when it is done."""

    shop = models.ForeignKey("advocates.Shop", on_delete=models.PROTECT, related_name="sale_uploads")
    file_name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("content"), default=b"")
    sha256 = models.CharField(_("hash of the file"), max_length=64)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    uploaded_at = models.DateTimeField(_("uploaded at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("taken in at"), null=True, blank=True)
    taken_in = models.PositiveIntegerField(_("orders taken in"), default=0)
    known = models.PositiveIntegerField(_("orders known before"), default=0)
    refused = models.PositiveIntegerField(_("rows not taken in"), default=0)

    class Meta:
        verbose_name = _("file of sales")
        verbose_name_plural = _("files of sales")
        ordering = ["-uploaded_at", "-pk"]

    def __str__(self) -> str:
        return self.file_name


class WebhookEndpoint(models.Model):
    """An address that a shop or an advocate wants to be told at, signed with its secret (Standard Webhooks).

    After a change of secret the previous one signs along for a while (`webhook_endpoints.ROTATION`).
    """

    shop = models.ForeignKey(
        "advocates.Shop", on_delete=models.CASCADE, null=True, blank=True, related_name="webhook_endpoints"
    )
    advocate = models.ForeignKey(
        "advocates.Advocate",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="webhook_endpoints",
    )
    url = models.URLField(_("web address"), max_length=500)
    secret = models.CharField(_("secret"), max_length=100)
    previous_secret = models.CharField(_("previous secret"), max_length=100, blank=True)
    rotated_at = models.DateTimeField(_("secret changed at"), null=True, blank=True)
    event_types = ArrayField(
        models.CharField(max_length=30, choices=WebhookEvent), verbose_name=_("what is told")
    )
    created_at = models.DateTimeField(_("created at"))
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("switched off at"), null=True, blank=True)
    disabled_because = models.CharField(
        _("why switched off"), max_length=7, choices=EndpointProblem, blank=True
    )

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shop__isnull=True, advocate__isnull=False)
                | Q(shop__isnull=False, advocate__isnull=True),
                name="webhook_endpoint_has_one_owner",
            ),
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True, disabled_because="")
                | Q(disabled_at__isnull=False) & ~Q(disabled_because=""),
                name="webhook_endpoint_off_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class WebhookMessage(models.Model):
    """One thing told to one endpoint; its id stays the same however often it is sent.

    `tries` counts the sendings since it was last put in the queue; each leaves a `WebhookAttempt`, unless its sender
    was killed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endpoint = models.ForeignKey(WebhookEndpoint, on_delete=models.CASCADE, related_name="messages")
    event_type = models.CharField(_("type"), max_length=30, choices=WebhookEvent)
    payload = models.JSONField(_("payload"))
    state = models.CharField(_("state"), max_length=9, choices=MessageState, default=MessageState.WAITING)
    created_at = models.DateTimeField(_("created at"))
    tries = models.PositiveIntegerField(_("tries"), default=0)
    next_at = models.DateTimeField(_("next attempt at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("webhook message")
        verbose_name_plural = _("webhook messages")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["endpoint", "-created_at"], name="webhook_message_newest"),
            models.Index(fields=["next_at"], name="webhook_message_to_send", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.pk}"


class WebhookAttempt(models.Model):
    """One time that a message was sent, and what was answered."""

    message = models.ForeignKey(WebhookMessage, on_delete=models.CASCADE, related_name="attempts")
    attempted_at = models.DateTimeField(_("sent at"))
    status_code = models.PositiveIntegerField(_("status"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=500, blank=True)
    duration_ms = models.PositiveIntegerField(_("took (ms)"), default=0)

    class Meta:
        verbose_name = _("attempt to send")
        verbose_name_plural = _("attempts to send")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.message} {self.status_code or self.answer}"

    @property
    def problem(self) -> str:
        """Why there was no answer; empty where there was one."""
        return "" if self.status_code else str(SendProblem(self.answer).label)
