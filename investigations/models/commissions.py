"""One task given to one agency. Every move happens inside the gate of its case."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from claims.enums import ProcedureKind
from claims.models import Claim, Deadline, Procedure
from config.kernel.gate import permits
from config.kernel.models import User
from config.kernel.people import person, who_and_when
from investigations import policies
from investigations.enums import MOVES, OVER, CommissionState, DeclineReason
from investigations.models.agencies import Agency, Investigator
from investigations.querysets import CommissionQuerySet


class Commission(FSMModelMixin, models.Model):
    """What one agency was asked about one case: field, second, expert, forensic or arbitration.

    `assignee` is the one of its people who works on it; where it is nobody's, all of them see it. `taken_` says who
    accepted it for the agency.

    `deadline` is the last one set for a report; a report that is sent back sets the next. `methods` are those of SR-23.
    `hospital` is the one to be visited, where it was named. `choice` says why this agency (services.agencies.Chosen):
    `by` (`rule`, `person`), `because`, `reason`, `ranked` and `left_out` with the figures of that moment.
    """

    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+", verbose_name=_("procedure"))
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="+", verbose_name=_("case"))
    kind = models.CharField(_("kind"), max_length=12, choices=ProcedureKind)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="commissions", verbose_name=_("agency"))
    methods = models.JSONField(_("methods asked for"), default=list, blank=True)
    hospital = models.ForeignKey(
        "members.Hospital", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("hospital to visit")
    )
    choice = models.JSONField(_("why this agency"), default=dict, blank=True)
    state = FSMField(_("state"), max_length=10, choices=CommissionState, default=CommissionState.SENT, protected=True)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("sent by"))
    sent_at = models.DateTimeField(_("sent at"))
    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="+", verbose_name=_("deadline"))
    assignee = models.ForeignKey(
        Investigator, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("whose")
    )
    taken_by = person(_("taken on by"))
    taken_at = models.DateTimeField(_("taken on at"), null=True, blank=True)
    accepted_by = person(_("report accepted by"))
    accepted_at = models.DateTimeField(_("report accepted at"), null=True, blank=True)
    closed_by = person(_("closed by"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    declined_by = person(_("declined by"))
    declined_at = models.DateTimeField(_("declined at"), null=True, blank=True)
    decline_code = models.CharField(_("coded reason"), max_length=24, choices=DeclineReason, blank=True)
    decline_reason = models.TextField(_("reason for declining"), blank=True)
    withdrawn_by = person(_("taken from the agency by"))
    withdrawn_at = models.DateTimeField(_("taken from the agency at"), null=True, blank=True)
    withdraw_reason = models.TextField(_("reason for taking it from the agency"), blank=True)

    objects = CommissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("commission")
        verbose_name_plural = _("commissions")
        ordering = ("-id",)
        permissions = [
            ("commission_investigation", "Can commission an investigation"),
            ("file_report", "Can file a report for the own agency"),
            ("accept_report", "Can accept or send back a report"),
            ("reassign_commission", "Can give a commission to another agency"),
            ("export_commission", "Can export commissions"),
        ]
        constraints = [
            models.CheckConstraint(name="commission_state_is_known", condition=Q(state__in=CommissionState.values)),
            models.UniqueConstraint(
                fields=("procedure",), condition=~Q(state__in=OVER), name="one_live_commission_a_procedure"
            ),
            models.CheckConstraint(
                name="commission_is_accepted_with_a_time",
                condition=Q(state="accepted", accepted_at__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="commission_is_closed_with_a_time",
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="commission_is_declined_with_a_reason",
                condition=(Q(state="declined", declined_at__isnull=False) & ~Q(decline_reason=""))
                | (~Q(state="declined") & Q(declined_at__isnull=True, decline_reason="")),
            ),
            models.CheckConstraint(
                name="commission_is_withdrawn_with_a_reason",
                condition=(Q(state="withdrawn", withdrawn_at__isnull=False) & ~Q(withdraw_reason=""))
                | (~Q(state="withdrawn") & Q(withdrawn_at__isnull=True, withdraw_reason="")),
            ),
            who_and_when("withdrawn_commission_has_who_and_when", "withdrawn_by", "withdrawn_at"),
            who_and_when("taken_commission_has_who_and_when", "taken_by", "taken_at"),
            who_and_when("accepted_commission_has_who_and_when", "accepted_by", "accepted_at"),
            who_and_when("closed_commission_has_who_and_when", "closed_by", "closed_at"),
            who_and_when("declined_commission_has_who_and_when", "declined_by", "declined_at"),
        ]
        triggers = [
            pgtrigger.FSM(
                name="commission_moves_legally",
                field="state",
                transitions=[(str(was.value), str(becomes.value)) for was, becomes in MOVES],
            ),
            pgtrigger.Protect(
                name="commission_begins_sent", operation=pgtrigger.Insert, condition=~pgtrigger.Q(new__state="sent")
            ),
            pgtrigger.ReadOnly(
                name="commission_keeps_its_task",
                fields=["procedure", "claim", "kind", "agency", "methods", "hospital", "choice", "sent_by", "sent_at"],
            ),
            pgtrigger.Protect(name="commission_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.agency}"

    @transition(
        field=state,
        source=CommissionState.SENT,
        target=None,
        conditions=[permits(policies.check_own_agency), permits(policies.check_not_taken)],
    )
    def take(self, *, by: User, at: datetime) -> None:
        """The agency will do it; where it was nobody's, it is now his who says so."""
        self._take_on(by, at)

    @transition(
        field=state,
        source=[CommissionState.SENT, CommissionState.RETURNED],
        target=None,
        conditions=[permits(policies.check_coordinator)],
    )
    def assign(self, colleague: Investigator, *, by: User, at: datetime) -> None:
        """Somebody of the agency is to work on it."""
        self.assignee = colleague

    @transition(
        field=state,
        source=[CommissionState.SENT, CommissionState.RETURNED],
        target=CommissionState.REPORTED,
        conditions=[permits(policies.check_own_agency)],
    )
    def file_report(self, *, by: User, at: datetime) -> None:
        """The agency hands in what it found; the text is the report's own row. Whoever reports has taken it on."""
        if self.taken_at is None:
            self._take_on(by, at)

    def _take_on(self, by: User, at: datetime) -> None:
        self.taken_by, self.taken_at = by, at
        self.assignee = self.assignee or Investigator.objects.get(user=by)

    @transition(
        field=state,
        source=CommissionState.REPORTED,
        target=CommissionState.RETURNED,
        conditions=[permits(policies.may_accept_report)],
    )
    def return_report(self, *, by: User, at: datetime) -> None:
        """The report does not answer the question yet."""

    @transition(
        field=state,
        source=CommissionState.REPORTED,
        target=CommissionState.ACCEPTED,
        conditions=[permits(policies.may_accept_report)],
    )
    def accept_report(self, *, by: User, at: datetime) -> None:
        """The report answers the question, whatever it concludes."""
        self.accepted_by, self.accepted_at = by, at

    @transition(
        field=state,
        source=CommissionState.SENT,
        target=CommissionState.DECLINED,
        conditions=[permits(policies.check_own_agency)],
    )
    def decline(self, reason: str, code: str = "", *, by: User, at: datetime) -> None:
        """The agency cannot do it; another one is asked."""
        self.declined_by, self.declined_at, self.decline_reason, self.decline_code = by, at, reason, code

    @transition(
        field=state,
        source=[CommissionState.SENT, CommissionState.RETURNED],
        target=CommissionState.WITHDRAWN,
        conditions=[permits(policies.may_reassign)],
    )
    def withdraw(self, reason: str, *, by: User, at: datetime) -> None:
        """The agency does not answer; a supervisor gives its task to another one."""
        self.withdrawn_by, self.withdrawn_at, self.withdraw_reason = by, at, reason

    @transition(
        field=state,
        source=[CommissionState.SENT, CommissionState.REPORTED, CommissionState.RETURNED],
        target=CommissionState.CLOSED,
        conditions=[permits(policies.check_nobody_waits)],
    )
    def close(self, *, by: User, at: datetime) -> None:
        """The case no longer needs an answer."""
        self.closed_by, self.closed_at = by, at
