"""The book: postings that balance, for ever. What was wrong is taken back by another posting, never changed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from payouts.enums import Account, PostingKind
from payouts.models.payout import Payout

_BALANCE = """
    IF (
        SELECT count(*) < 2 OR sum(leg.fen) <> 0 OR sum(leg.fen) FILTER (WHERE leg.fen > 0) <> posting.fen
        FROM payouts_posting posting LEFT JOIN payouts_leg leg ON leg.posting_id = posting.id
        WHERE posting.id = {posting} GROUP BY posting.fen
    ) IS NOT FALSE THEN
        RAISE EXCEPTION 'posting % does not balance', {posting}
            USING ERRCODE = 'check_violation', CONSTRAINT = 'posting_balances';
    END IF;
    RETURN NULL;
"""


def _balanced(name: str, posting: str) -> pgtrigger.Trigger:
    """At the end of the transaction: at least two legs, their sum is zero, and nothing was added to an old posting."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        timing=pgtrigger.Deferred,
        func=_BALANCE.format(posting=posting),
    )


class Posting(models.Model):
    """An entry of the book about a payout: `fen` is the sum of its debits; `reverses` names the one it takes back."""

    kind = models.CharField(_("kind"), max_length=12, choices=PostingKind)
    payout = models.ForeignKey(Payout, models.PROTECT, related_name="postings", verbose_name=_("payout"))
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by", verbose_name=_("takes back")
    )
    fen = models.BigIntegerField(_("amount (fen)"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="posting_kind_is_known", condition=Q(kind__in=PostingKind.values)),
            models.CheckConstraint(name="posting_amount_is_positive", condition=Q(fen__gt=0)),
            models.CheckConstraint(
                name="reversal_names_what_it_takes_back",
                condition=Q(kind="reversal", reverses__isnull=False) | (~Q(kind="reversal") & Q(reverses__isnull=True)),
            ),
            models.UniqueConstraint(
                fields=("payout", "kind"), condition=~Q(kind="reversal"), name="payout_is_posted_once_a_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=("at",),
                include=("payout", "fen"),
                name="posting_of_a_settlement",
                condition=Q(kind="settlement"),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="posting_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
            _balanced("posting_has_legs", "NEW.id"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.payout}"


class Leg(models.Model):
    """One side of a posting: debit positive, credit negative, in fen."""

    posting = models.ForeignKey(Posting, models.PROTECT, related_name="legs", verbose_name=_("posting"))
    account = models.CharField(_("account"), max_length=20, choices=Account)
    fen = models.BigIntegerField(_("amount (fen)"))

    class Meta:
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        ordering = ("id",)
        constraints = [
            models.CheckConstraint(name="leg_account_is_known", condition=Q(account__in=Account.values)),
            models.CheckConstraint(name="leg_moves_money", condition=~Q(fen=0)),
        ]
        triggers = [
            pgtrigger.Protect(name="leg_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete),
            _balanced("posting_balances", "NEW.posting_id"),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.fen}"
