"""Closed cases that are looked at a second time, and the monthly report of what came of it."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from claims.enums import Agreement, LookAnswer, Mistake, Post, Settlement, Verdict
from claims.models.claim import Claim
from config.kernel.models import StoredFile
from config.kernel.people import person, who_and_when

MONTH = "YEAR_MONTH_FORMAT"

DRAWN = (
    "drawing_id",
    "claim_id",
    "reasons",
    "figures",
    "outcome",
    "amount_fen",
    "ground",
    "decided_by_id",
    "decided_at",
)
STATED = ("given_to_id", "own_outcome", "own_fen", "own_ground", "own_reason", "was_blind", "agreement", "stated_at")
CONCLUDED = ("fault_post", "fault_kind", "is_serious", "finding", "looked_at")
ANSWERED = ("answer", "answer_text", "answered_at")
SETTLED = ("settled_as", "settled_text", "settled_by_id", "settled_at")
"""Columns that are written together, and never again once the last of them is there."""


def _changed(columns: tuple[str, ...], *, once: str = "") -> str:
    """SQL that says whether any of the columns is written anew, after `once` was there."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    changed = f"(({old}) IS DISTINCT FROM ({new}))"
    return f"(OLD.{once} IS NOT NULL AND {changed})" if once else changed


_ANYTHING = (
    _changed(DRAWN),
    _changed(STATED, once="stated_at"),
    _changed(CONCLUDED, once="looked_at"),
    _changed(ANSWERED, once="answered_at"),
    _changed(SETTLED, once="settled_at"),
)
REWRITTEN = f"({' OR '.join(_ANYTHING)})"


class Drawing(models.Model):
    """A sample of the cases that came to their end in a month (`month` is its first day).

    The seed is kept: with it and the same cases the same sample is drawn. `cases` is how many there were to draw from.
    """

    month = models.DateField(_("month"))
    is_monthly = models.BooleanField(_("drawn by the calendar"), default=False)
    seed = models.CharField(_("seed"), max_length=32)
    cases = models.PositiveIntegerField(_("cases to draw from"), default=0)
    drawn_by = person(_("drawn by"))
    drawn_at = models.DateTimeField(_("drawn at"))

    class Meta:
        verbose_name = _("drawing of a sample")
        verbose_name_plural = _("drawings of samples")
        ordering = ("-id",)
        permissions = [("draw_sample", "Can draw a sample of closed cases")]
        constraints = [
            models.UniqueConstraint(fields=("month",), condition=Q(is_monthly=True), name="a_month_is_drawn_once"),
            models.CheckConstraint(name="drawn_month_is_its_first_day", condition=Q(month__day=1)),
        ]
        triggers = [pgtrigger.Protect(name="drawing_is_for_ever", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return date_format(self.month, MONTH)


class SecondLook(models.Model):
    """A closed case that somebody who had no part in it looks at again. It changes nothing of the case.

    What was decided stands here as it was when the case was drawn. The second one states his own before he is shown it;
    `was_blind` says whether he had opened neither the page of the case before nor a letter of it. Amounts are in fen.
    """

    drawing = models.ForeignKey(Drawing, models.PROTECT, related_name="looks", verbose_name=_("drawing"))
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="second_looks", verbose_name=_("case"))
    reasons = models.JSONField(_("drawn because"), default=list)
    figures = models.JSONField(_("figures of the drawing"), default=dict)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Verdict)
    amount_fen = models.BigIntegerField(_("amount (fen)"), null=True)
    ground = models.CharField(_("ground"), max_length=40, blank=True)
    decided_by = person(_("decided by"))
    decided_at = models.DateTimeField(_("decided at"), null=True)

    given_to = person(_("given to"))
    given_at = models.DateTimeField(_("given at"), null=True, blank=True)
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    nobody_since = models.DateTimeField(_("nobody may look at it since"), null=True, blank=True)

    own_outcome = models.CharField(_("own outcome"), max_length=10, choices=Verdict, blank=True)
    own_fen = models.BigIntegerField(_("own amount (fen)"), null=True, blank=True)
    own_ground = models.CharField(_("own ground"), max_length=40, blank=True)
    own_reason = models.TextField(_("own reason"), blank=True)
    was_blind = models.BooleanField(_("stated before the decision was seen"), null=True)
    agreement = models.CharField(_("agreement"), max_length=15, choices=Agreement, blank=True)
    stated_at = models.DateTimeField(_("stated at"), null=True, blank=True)

    fault_post = models.CharField(_("post of the error"), max_length=15, choices=Post, blank=True)
    fault_kind = models.CharField(_("kind of error"), max_length=20, choices=Mistake, blank=True)
    is_serious = models.BooleanField(_("serious"), default=False)
    finding = models.TextField(_("what was found"), blank=True)
    looked_at = models.DateTimeField(_("looked at"), null=True, blank=True)

    answer = models.CharField(_("answer"), max_length=10, choices=LookAnswer, blank=True)
    answer_text = models.TextField(_("what is answered"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    settled_as = models.CharField(_("settled"), max_length=10, choices=Settlement, blank=True)
    settled_text = models.TextField(_("why"), blank=True)
    settled_by = person(_("settled by"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)

    class Meta:
        verbose_name = _("second look")
        verbose_name_plural = _("second looks")
        ordering = ("-id",)
        permissions = [
            ("take_second_look", "Can look at a closed case a second time"),
            ("view_quality", "Can read figures of quality"),
            ("settle_second_look", "Can settle a contested second look"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("drawing", "claim"), name="case_is_drawn_once_a_drawing"),
            models.UniqueConstraint(fields=("claim", "given_to"), name="nobody_looks_at_a_case_twice"),
            who_and_when("second_look_is_given_with_a_time", "given_to", "given_at"),
            who_and_when("second_look_is_settled_with_a_time", "settled_by", "settled_at"),
            models.CheckConstraint(
                name="second_look_that_is_given_has_somebody",
                condition=Q(given_to__isnull=True) | Q(nobody_since__isnull=True),
            ),
            models.CheckConstraint(
                name="second_look_is_not_by_who_decided",
                condition=Q(given_to__isnull=True) | Q(decided_by__isnull=True) | ~Q(given_to=F("decided_by")),
            ),
            models.CheckConstraint(
                name="second_look_is_settled_by_a_third",
                condition=Q(settled_by__isnull=True)
                | (~Q(settled_by=F("given_to")) & (Q(decided_by__isnull=True) | ~Q(settled_by=F("decided_by")))),
            ),
            models.CheckConstraint(
                name="own_outcome_comes_with_its_time",
                condition=Q(stated_at__isnull=True, own_outcome="", agreement="")
                | (Q(stated_at__isnull=False, given_to__isnull=False) & ~Q(own_outcome="") & ~Q(agreement="")),
            ),
            models.CheckConstraint(
                name="second_look_ends_after_it_was_stated",
                condition=Q(looked_at__isnull=True) | Q(stated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="error_has_a_post_and_a_kind",
                condition=Q(fault_post="", fault_kind="") | (~Q(fault_post="") & ~Q(fault_kind="")),
            ),
        ]
        indexes = [
            models.Index(fields=("given_to", "looked_at"), name="second_look_of_a_person"),
            models.Index(fields=("due_on",), name="second_look_not_done", condition=Q(looked_at__isnull=True)),
        ]
        triggers = [
            pgtrigger.Protect(
                name="second_look_is_never_rewritten",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(REWRITTEN),
            ),
            pgtrigger.Protect(name="second_look_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.claim)

    @property
    def is_standing(self) -> bool:
        """Whether what was found counts: a supervisor may have let it fall."""
        return self.settled_as != Settlement.FALLS


class MonthlyReport(models.Model):
    """The report of a month as a PDF in each language; `facts` are the figures as they were `as_of`.

    Written by the one who asks, made by the worker, finished once. One with names is for supervisors alone.
    """

    month = models.DateField(_("month"))
    has_names = models.BooleanField(_("with names of reviewers"), default=False)
    asked_by = person(_("asked by"))
    asked_at = models.DateTimeField(_("asked at"))
    as_of = models.DateTimeField(_("figures as of"), null=True, blank=True)
    facts = models.JSONField(_("figures"), default=dict)
    digest = models.CharField(_("hash of the figures"), max_length=64, blank=True)
    chinese = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF in Chinese")
    )
    english = models.ForeignKey(
        StoredFile, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("PDF in English")
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    has_failed = models.BooleanField(_("failed"), default=False)

    class Meta:
        verbose_name = _("monthly report")
        verbose_name_plural = _("monthly reports")
        ordering = ("-id",)
        constraints = [
            models.UniqueConstraint(
                fields=("month", "has_names"),
                condition=Q(finished_at__isnull=True),
                name="one_report_of_a_month_is_being_made",
            ),
            models.CheckConstraint(name="reported_month_is_its_first_day", condition=Q(month__day=1)),
        ]

    def __str__(self) -> str:
        return date_format(self.month, MONTH)
