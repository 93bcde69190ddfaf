"""The case: its facts, its step, and the moves out of each step.

Every move is made by a service through the gate; outside the gate every condition is shut.
"""

from datetime import datetime
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from claims import policies
from claims.enums import MOVES, Cause, Payee, Reporter, State
from claims.querysets import ClaimQuerySet
from config.kernel.fields import BlindIndexField, EncryptedTextField
from config.kernel.gate import permits
from config.kernel.models import User
from config.kernel.people import person, who_and_when
from members.models import Covenant, Membership


class Claim(FSMModelMixin, models.Model):
    """One request for aid. `covenant` is the version that bound the member on the day of diagnosis (AMB-21).

    `facts` are the medical facts of the report; `decided_fen` is the net amount put before the members, frozen there.
    """

    number = models.CharField(_("case number"), max_length=20, unique=True)
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+", verbose_name=_("membership"))
    covenant = models.ForeignKey(Covenant, models.PROTECT, related_name="+", verbose_name=_("binding covenant"))
    state = FSMField(_("step"), max_length=20, choices=State, default=State.REPORTED, protected=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    state_since = models.DateTimeField(_("in this step since"))

    disease = models.CharField(_("disease"), max_length=80)
    diagnosed_on = models.DateField(_("first diagnosed on"))
    cause = models.CharField(_("cause"), max_length=10, choices=Cause, default=Cause.ILLNESS)
    accident_on = models.DateField(_("accident on"), null=True, blank=True)
    facts = models.JSONField(_("medical facts"), default=dict, blank=True)
    notes = EncryptedTextField(_("medical notes"), blank=True)
    reporter = models.CharField(_("reported by the"), max_length=10, choices=Reporter, default=Reporter.MEMBER)
    reported_by = person(_("taken down by"))
    reported_at = models.DateTimeField(_("reported at"))
    reporter_phone = EncryptedTextField(_("phone of who reported"), blank=True, default="")
    reporter_phone_index = BlindIndexField(source="reporter_phone")
    reporter_agency = models.CharField(_("agency that reported"), max_length=80, blank=True)
    payee = models.CharField(_("payee"), max_length=10, choices=Payee, default=Payee.MEMBER)

    assessment = models.ForeignKey(
        "claims.Assessment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("last assessment")
    )
    forgery_found = models.BooleanField(_("forgery found"), default=False)
    non_disclosure_upheld = models.BooleanField(_("untrue declaration found on an objection"), default=False)

    late_waived_by = person(_("late report waived by"))
    late_waived_at = models.DateTimeField(_("late report waived at"), null=True, blank=True)
    passed_by = person(_("first review passed by"))
    passed_at = models.DateTimeField(_("first review passed at"), null=True, blank=True)
    investigated_by = person(_("investigation accepted by"))
    investigated_at = models.DateTimeField(_("investigation accepted at"), null=True, blank=True)
    published_by = person(_("put before the members by"))
    published_at = models.DateTimeField(_("put before the members at"), null=True, blank=True)
    decided_fen = models.BigIntegerField(_("decided amount (fen)"), null=True, blank=True)
    approved_at = models.DateTimeField(_("publicity passed at"), null=True, blank=True)
    rejected_by = person(_("refused by"))
    rejected_at = models.DateTimeField(_("refused at"), null=True, blank=True)
    ground = models.CharField(_("ground of the refusal"), max_length=40, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ("-id",)
        permissions = [
            ("report_claim", "Can take down a report"),
            ("import_claim", "Can import reported cases"),
            ("withdraw_claim", "Can withdraw a case for the applicant"),
            ("review_claim", "Can make the first review"),
            ("decide_claim", "Can make the final decision"),
            ("decide_any_amount", "Can decide above a reviewer's limit"),
            ("return_claim", "Can return a case to an earlier step"),
            ("waive_late_report", "Can waive a late report"),
            ("lapse_claim", "Can let a case lapse"),
            ("reopen_claim", "Can reopen an approved case"),
            ("close_claim", "Can close a case"),
            ("take_claim", "Can take a case to work on"),
            ("assign_claim", "Can give cases to people"),
            ("record_evidence", "Can record evidence and answer signals"),
            ("reveal_number", "Can read a masked number"),
            ("export_claim", "Can export cases"),
            ("run_sweeps", "Does what the clock demands"),
        ]
        constraints = [
            models.CheckConstraint(name="claim_state_is_known", condition=Q(state__in=State.values)),
            models.CheckConstraint(
                name="refused_claim_has_a_ground", condition=~Q(state__in=("rejected", "appealing")) | ~Q(ground="")
            ),
            models.CheckConstraint(
                name="decided_amount_is_not_negative", condition=Q(decided_fen__isnull=True) | Q(decided_fen__gte=0)
            ),
            models.CheckConstraint(
                name="publicised_claim_has_an_amount",
                condition=~Q(state__in=("publicised", "suspended", "approved", "paying", "paid"))
                | Q(decided_fen__isnull=False, published_by__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_is_ended_with_a_time",
                condition=Q(state__in=("withdrawn", "closed"), ended_at__isnull=False)
                | (~Q(state__in=("withdrawn", "closed")) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="final_decision_is_not_by_the_first_reviewer",
                condition=Q(published_by__isnull=True)
                | Q(passed_by__isnull=True)
                | ~Q(published_by=models.F("passed_by")),
            ),
            models.UniqueConstraint(
                fields=("membership", "disease"),
                condition=~Q(state__in=("withdrawn", "closed", "paid")),
                name="one_live_claim_a_disease",
            ),
            who_and_when("late_waiver_has_who_and_when", "late_waived_by", "late_waived_at"),
            who_and_when("passed_review_has_who_and_when", "passed_by", "passed_at"),
            who_and_when("investigation_has_who_and_when", "investigated_by", "investigated_at"),
            who_and_when("publication_has_who_and_when", "published_by", "published_at"),
            who_and_when("refusal_has_who_and_when", "rejected_by", "rejected_at"),
        ]
        indexes = [
            models.Index(fields=("state", "state_since"), name="claim_by_state"),
            models.Index(fields=("reported_at",), name="claim_by_report"),
            models.Index(fields=("state", "reported_at"), name="claim_by_state_and_report"),
            models.Index(fields=("state_since", "id"), name="claim_by_time_in_state"),
            models.Index(fields=("disease",), name="claim_by_disease"),
            models.Index(
                models.Func(models.F("number"), models.Value("-"), models.Value(2), function="split_part"),
                name="claim_by_sequence",
            ),
            models.Index(fields=("reporter_agency",), name="claim_by_agency", condition=~Q(reporter_agency="")),
        ]
        triggers = [
            pgtrigger.FSM(
                name="claim_moves_legally",
                field="state",
                transitions=[(str(was.value), str(becomes.value)) for was, becomes in MOVES],
            ),
            pgtrigger.Protect(
                name="claim_begins_reported",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__state="reported"),
            ),
            pgtrigger.Protect(name="claim_is_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.number

    # What the event of the open move will say besides who, when, from and to.
    def because(self, *, code: str = "", reason: str = "", **data: Any) -> None:
        self._because = {"reason_code": code, "reason": reason, "data": data}

    @transition(field=state, source=State.REPORTED, target=State.COLLECTING, conditions=[permits(policies.may_report)])
    def open_collection(self, *, by: User, at: datetime) -> None:
        """The list of required papers is open."""
        self.state_since = at

    @transition(
        field=state,
        source=[State.REPORTED, State.COLLECTING],
        target=State.WITHDRAWN,
        conditions=[permits(policies.may_withdraw)],
    )
    def withdraw(self, *, by: User, at: datetime) -> None:
        """The applicant takes the case back."""
        self.state_since = self.ended_at = at

    @transition(field=state, source=State.COLLECTING, target=State.CLOSED, conditions=[permits(policies.may_lapse)])
    def lapse(self, *, by: User, at: datetime) -> None:
        """The papers never came; a person decides so, never a clock."""
        self.state_since = self.ended_at = at

    @transition(
        field=state, source=State.COLLECTING, target=State.REVIEWING, conditions=[permits(policies.check_no_gap)]
    )
    def complete_materials(self, *, by: User, at: datetime) -> None:
        """No paper is wanted any more."""
        self.state_since = at

    @transition(
        field=state,
        source=State.REVIEWING,
        target=RETURN_VALUE(State.REVIEWING, State.DECIDING),
        conditions=[
            permits(policies.may_review),
            permits(policies.check_not_passed_yet),
        ],
    )
    def pass_review(self, *, by: User, at: datetime, investigate: bool) -> State:
        """The first reviewer is content; without an investigation the case goes straight to the second."""
        self.passed_by, self.passed_at = by, at
        if investigate:
            return State.REVIEWING
        self.state_since = at
        return State.DECIDING

    @transition(
        field=state,
        source=State.REVIEWING,
        target=State.INVESTIGATING,
        conditions=[
            permits(policies.may_commission),
            permits(policies.check_review_passed),
            permits(policies.check_investigation_consent),
            permits(policies.check_no_open_investigation),
        ],
    )
    def commission(self, *, by: User, at: datetime) -> None:
        """A third party is sent to look."""
        self.state_since = at

    @transition(
        field=state,
        source=State.INVESTIGATING,
        target=State.DECIDING,
        conditions=[permits(policies.may_accept_report)],
    )
    def conclude_investigation(self, *, by: User, at: datetime) -> None:
        """The field report is accepted; its conclusion changes no outcome."""
        self.investigated_by, self.investigated_at = by, at
        self.state_since = at

    @transition(
        field=state,
        source=[State.REVIEWING, State.DECIDING],
        target=RETURN_VALUE(State.COLLECTING, State.REVIEWING, State.INVESTIGATING),
        conditions=[permits(policies.may_return), permits(policies.check_no_open_investigation)],
    )
    def return_to(self, to: State, *, redo: bool, by: User, at: datetime) -> State:
        """Back to an earlier step; `redo` takes back the approvals given after it."""
        if redo:
            self.investigated_by = self.investigated_at = None
            if to is not State.INVESTIGATING:
                self.passed_by = self.passed_at = None
        self.state_since = at
        return to

    @transition(
        field=state,
        source=[State.REVIEWING, State.DECIDING, State.PUBLICISED, State.SUSPENDED],
        target=State.REJECTED,
        conditions=[permits(policies.may_refuse), permits(policies.check_second_pair_of_eyes)],
    )
    def reject(self, ground: str, *, by: User, at: datetime) -> None:
        """No aid, on a coded ground."""
        self.ground = ground
        self.rejected_by, self.rejected_at = by, at
        self.published_by = self.published_at = self.decided_fen = None
        self.state_since = at

    @transition(
        field=state,
        source=State.DECIDING,
        target=State.PUBLICISED,
        conditions=[
            permits(policies.may_decide),
            permits(policies.check_second_pair_of_eyes),
            permits(policies.check_no_open_objection),
            permits(policies.check_no_open_investigation),
            permits(policies.check_publicity_consent),
            permits(policies.check_publishable),
            permits(policies.check_authority),
        ],
    )
    def publish(self, *, amount_fen: int, by: User, at: datetime) -> None:
        """Put the masked card before the members; the clock is the publicity's own row."""
        self.published_by, self.published_at = by, at
        self.decided_fen = amount_fen
        self.ground = ""
        self.state_since = at

    @transition(
        field=state, source=State.PUBLICISED, target=State.SUSPENDED, conditions=[permits(policies.may_suspend)]
    )
    def suspend(self, *, by: User, at: datetime) -> None:
        """A forgery is suspected: the publicity clock stands still."""
        self.state_since = at

    @transition(
        field=state, source=State.SUSPENDED, target=State.PUBLICISED, conditions=[permits(policies.may_resolve)]
    )
    def resume(self, *, by: User, at: datetime) -> None:
        """The suspicion is gone: the clock goes on with the days that were left."""
        self.state_since = at

    @transition(
        field=state,
        source=[State.PUBLICISED, State.SUSPENDED],
        target=State.DECIDING,
        conditions=[permits(policies.may_resolve)],
    )
    def reconsider(self, *, by: User, at: datetime) -> None:
        """An objection is upheld: the final review starts again."""
        self.published_by = self.published_at = self.decided_fen = None
        self.state_since = at

    @transition(
        field=state,
        source=State.PUBLICISED,
        target=State.APPROVED,
        conditions=[
            permits(policies.may_run_sweeps),
            permits(policies.check_publicity_is_over),
            permits(policies.check_no_open_objection),
        ],
    )
    def approve(self, *, by: User, at: datetime) -> None:
        """The publicity is over and nobody objects: the amount may be paid."""
        self.approved_at = at
        self.state_since = at

    @transition(field=state, source=State.APPROVED, target=State.DECIDING, conditions=[permits(policies.may_reopen)])
    def reopen(self, *, by: User, at: datetime) -> None:
        """Back to the final review before any money has left."""
        self.approved_at = self.published_by = self.published_at = self.decided_fen = None
        self.state_since = at

    @transition(
        field=state, source=State.APPROVED, target=State.PAYING, conditions=[permits(policies.may_release_payment)]
    )
    def start_payment(self, *, by: User, at: datetime) -> None:
        """The order is with the bank: nothing may move the case."""
        self.state_since = at

    @transition(
        field=state, source=State.PAYING, target=State.PAID, conditions=[permits(policies.may_record_bank_return)]
    )
    def confirm_payment(self, *, by: User, at: datetime) -> None:
        """The bank says that the money has arrived."""
        self.state_since = at

    @transition(
        field=state, source=State.PAYING, target=State.APPROVED, conditions=[permits(policies.may_record_bank_return)]
    )
    def payment_bounced(self, *, by: User, at: datetime) -> None:
        """The bank sent the money back."""
        self.state_since = at

    @transition(
        field=state,
        source=[State.PAID, State.REJECTED],
        target=State.CLOSED,
        conditions=[permits(policies.may_close), permits(policies.check_appeal_window_is_over)],
    )
    def close(self, *, by: User, at: datetime) -> None:
        """Nothing more is to come."""
        self.state_since = self.ended_at = at

    @transition(
        field=state,
        source=State.REJECTED,
        target=State.APPEALING,
        conditions=[permits(policies.may_record_appeal), permits(policies.check_appeal_window_is_open)],
    )
    def appeal(self, *, by: User, at: datetime) -> None:
        """The applicant does not accept the refusal."""
        self.state_since = at

    @transition(
        field=state,
        source=State.APPEALING,
        target=State.REJECTED,
        conditions=[permits(policies.may_decide_appeal), permits(policies.check_fresh_eyes)],
    )
    def uphold(self, *, by: User, at: datetime) -> None:
        """The refusal stands; its ground stays."""
        self.rejected_by, self.rejected_at = by, at
        self.state_since = at

    @transition(
        field=state,
        source=State.APPEALING,
        target=State.DECIDING,
        conditions=[permits(policies.may_decide_appeal), permits(policies.check_fresh_eyes)],
    )
    def overturn(self, *, by: User, at: datetime) -> None:
        """The refusal falls: the final review starts again."""
        self.rejected_by = self.rejected_at = None
        self.ground = ""
        self.state_since = at
