"""Whom and what somebody follows, and whom somebody does not want to see."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from community.enums import InvitationCause


class Follow(models.Model):
    """That somebody wants to see what comes from one person, board, theme or shop."""

    follower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="followers"
    )
    board = models.ForeignKey(
        "community.Board", on_delete=models.CASCADE, null=True, blank=True, related_name="followers"
    )
    theme = models.ForeignKey(
        "community.Theme", on_delete=models.CASCADE, null=True, blank=True, related_name="followers"
    )
    shop = models.ForeignKey(
        "advocates.Shop", on_delete=models.CASCADE, null=True, blank=True, related_name="followers"
    )
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("follow")
        verbose_name_plural = _("follows")
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, board__isnull=True, theme__isnull=True, shop__isnull=True)
                | Q(person__isnull=True, board__isnull=False, theme__isnull=True, shop__isnull=True)
                | Q(person__isnull=True, board__isnull=True, theme__isnull=False, shop__isnull=True)
                | Q(person__isnull=True, board__isnull=True, theme__isnull=True, shop__isnull=False),
                name="follow_is_of_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(person=F("follower")), name="follow_is_of_another"
            ),
            models.UniqueConstraint(
                fields=["follower", "person", "board", "theme", "shop"],
                nulls_distinct=False,
                name="follow_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follower}: {self.person or self.board or self.theme or self.shop}"


class Mute(models.Model):
    """That somebody does not want to see another; the other is not told."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("mute")
        verbose_name_plural = _("mutes")
        constraints = [
            models.UniqueConstraint(fields=["user", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(user=F("muted")), name="mute_is_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.muted}"


class Block(models.Model):
    """That two people have nothing to do with each other, because one of them wants so."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("block")
        verbose_name_plural = _("blocks")
        constraints = [
            models.UniqueConstraint(fields=["user", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(user=F("blocked")), name="block_is_of_another"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.blocked}"


class AdvocateInvitation(models.Model):
    """That somebody was asked, once, whether to become an advocate."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="advocate_invitation",
        primary_key=True,
    )
    cause = models.CharField(_("after"), max_length=12, choices=InvitationCause)
    shop = models.ForeignKey("advocates.Shop", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(_("created at"))
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation to become an advocate")
        verbose_name_plural = _("invitations to become an advocate")

    def __str__(self) -> str:
        return str(self.user)
