"""The money on the page of a case: its payouts and their moves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.enums import Payee, State
from claims.forms import Because
from claims.models import Claim
from claims.panels.work_lists import WorkList, add_list, listing
from claims.querysets import ClaimQuerySet
from config.kernel import masks
from config.kernel.desks import Listing, Section, add_to_desk
from config.kernel.display import yuan
from config.kernel.figures import Block, add_behind, add_figures
from config.kernel.forms import Blank, Line, MoveForm, private
from config.kernel.forms import Text as Lines
from config.kernel.models import User
from config.kernel.pages import Look, Move, Panel, Text, add_moves, add_panels, in_states, name_verbs
from payouts import policies, services
from payouts.enums import VOID, WITH_THE_BANK, PayoutState
from payouts.models import Payout
from payouts.services import figures

Rows = Callable[[User, datetime], ClaimQuerySet]


class Prepare(MoveForm):
    """To the member's own account nothing is asked: it is the one on record, if there is one."""

    payee_name = private(Line(label=_("Name of the account holder"), max_length=80))
    payee_card = private(Line(label=_("Bank card"), max_length=30))

    def __init__(self, *args: Any, row: Claim, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        if row.payee == Payee.MEMBER:
            del self.fields["payee_name"]
            if row.membership.member.bank_card:
                del self.fields["payee_card"]


class Settle(MoveForm):
    evidence = Lines(
        label=_("What the bank says"), required=False, help_text=_("Needed where the fate of the payment was unknown.")
    )


def payouts(claim: Claim) -> list[Payout]:
    """All of a case, with what their guards read."""
    return list(Payout.objects.filter(claim=claim).select_related("claim__membership__member").order_by("-id"))


def prepare(claim: Claim, said: dict[str, Any], **who: Any) -> object:
    return services.prepare(claim.pk, **said, **who)


def approve(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.approve(payout.pk, by=by, at=at, version=version)


def release(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.release(payout.pk, by=by, at=at, version=version)


def settle(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.settle(payout.pk, evidence=said["evidence"], by=by, at=at, version=version)


def bounce(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.bounce(payout.pk, reason=said["reason"], by=by, at=at, version=version)


def mark_unknown(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.mark_unknown(payout.pk, by=by, at=at, version=version)


def cancel(payout: Payout, said: Any, *, by: User, at: datetime, version: int | None) -> object:
    return services.cancel(payout.pk, reason=said["reason"], by=by, at=at, version=version)


STEPS: tuple[tuple[str, Promise, str], ...] = (
    ("prepared", _("Prepared"), ""),
    ("approved", _("Approved"), ""),
    ("released", _("Released to the bank"), ""),
    ("unknown", _("The bank does not answer"), ""),
    ("settled", _("The money arrived"), "bank_evidence"),
    ("failed", _("The money came back"), "bank_evidence"),
    ("cancelled", _("Cancelled"), "cancel_reason"),
)
"""The signatures of a payout in their order, what each is called, and the field that says why."""


def money(claim: Claim, look: Look) -> dict[str, Any]:
    people = [f"{name}_by" for name, _label, _why in STEPS]
    rows = Payout.objects.filter(claim=claim).select_related(*people).order_by("-id")
    return {
        "payouts": [
            {
                "row": row,
                "amount": yuan(row.net_fen),
                "name": masks.name(row.payee_name),
                "card": masks.bank_card(row.payee_card),
                "steps": steps_of(row),
                "ahead": [label for name, label, _why in STEPS[:3] if not _is_done(row, name)] if _is_live(row) else [],
            }
            for row in rows
        ]
    }


def steps_of(payout: Payout) -> list[dict[str, Any]]:
    """What was signed, by whom, when and why; in the order in which it happened."""
    done = [
        {
            "name": name,
            "label": label,
            "by": getattr(payout, f"{name}_by"),
            "at": getattr(payout, f"{name}_at"),
            "why": getattr(payout, why) if why else "",
        }
        for name, label, why in STEPS
        if _is_done(payout, name)
    ]
    return sorted(done, key=lambda step: step["at"])


def _is_done(payout: Payout, name: str) -> bool:
    return getattr(payout, f"{name}_at") is not None


def _is_live(payout: Payout) -> bool:
    return payout.state not in VOID


def _to_do(*states: PayoutState, but_for: tuple[str, ...] = ()) -> Rows:
    """Cases whose payout stands so, without those in which the reader had a hand in one of these roles."""

    def rows(by: User, at: datetime) -> ClaimQuerySet:
        orders = Payout.objects.filter(state__in=states)
        for signed in but_for:
            orders = orders.exclude(**{signed: by})
        return Claim.objects.filter(pk__in=orders.values("claim"))

    return rows


def unpaid(by: User, at: datetime) -> ClaimQuerySet:
    """Approved cases without an order."""
    return Claim.objects.filter(state=State.APPROVED).exclude(pk__in=Payout.objects.live().values("claim"))


def to_prepare(by: User, at: datetime) -> ClaimQuerySet:
    return unpaid(by, at).exclude(pk__in=came_back(by, at).values("pk"))


def came_back(by: User, at: datetime) -> ClaimQuerySet:
    """Cases whose money came back, and for which no new order is written."""
    return unpaid(by, at).bounced()


def orders(name: str, wanted: Text, by: User, at: datetime, *, empty: Text) -> Listing:
    """A list of cases, each with the amount that is to be paid."""
    listed = listing(name, by, at, empty=empty)
    amounts = dict(
        Claim.objects.filter(number__in=[row.name for row in listed.rows]).values_list("number", "decided_fen")
    )
    rows = [replace(row, wanted=str(wanted) % {"amount": yuan(amounts[row.name] or 0)}) for row in listed.rows]
    return replace(listed, rows=rows)


def _section(name: str, title: Text, wanted: Text, permission: str, rows: Rows, place: int) -> Section:
    add_list(name, WorkList(title, rows, permission))
    read = partial(orders, name, wanted, empty=_("Nothing to do here."))
    return Section(name=name, title=title, permission=permission, read=read, place=place)


add_to_desk(
    _section(
        "came-back", _("Money that came back"), _("prepare %(amount)s anew"), "payouts.prepare_payout", came_back, 50
    ),
    _section("to-prepare", _("Payouts to prepare"), _("prepare %(amount)s"), "payouts.prepare_payout", to_prepare, 51),
    _section(
        "to-approve",
        _("Payouts to approve"),
        _("compare and approve %(amount)s"),
        "payouts.approve_payout",
        _to_do(PayoutState.PREPARED, but_for=("prepared_by",)),
        52,
    ),
    _section(
        "to-release",
        _("Payouts to release"),
        _("release %(amount)s"),
        "payouts.release_payout",
        _to_do(PayoutState.APPROVED, but_for=("prepared_by", "approved_by")),
        53,
    ),
    _section(
        "with-the-bank",
        _("With the bank"),
        _("record what the bank says of %(amount)s"),
        "payouts.record_bank_return",
        _to_do(*WITH_THE_BANK),
        54,
    ),
)

add_panels(
    Claim,
    Panel(
        name="money",
        title=_("Payouts"),
        template="desk/case/money.html",
        read=money,
        permission="payouts.view_payout",
        place=70,
    ),
)

add_moves(
    Claim,
    Move(
        name="prepare-payout",
        label=_("Prepare the payout"),
        consequence=_("An order over the decided amount is written; a second person approves it, a third releases it."),
        form=Prepare,
        perform=prepare,
        when=in_states(State.APPROVED),
        checks=(policies.may_prepare,),
    ),
    Move(
        name="approve-payout",
        label=_("Approve the payout"),
        consequence=_("You have compared amount, payee and decision; a third person releases it."),
        form=Blank,
        perform=approve,
        rows=payouts,
        transition="approve",
    ),
    Move(
        name="release-payout",
        label=_("Release the payout"),
        consequence=_("The order goes to the bank; from now on nothing can move the case but the bank's answer."),
        form=Blank,
        perform=release,
        rows=payouts,
        transition="release",
    ),
    Move(
        name="settle-payout",
        label=_("Record that the money arrived"),
        consequence=_("The case is paid out, and the book is closed on this payment."),
        form=Settle,
        perform=settle,
        rows=payouts,
        transition="settle",
    ),
    Move(
        name="bounce-payout",
        label=_("Record that the money came back"),
        consequence=_("The payment is still owed: a new order has to be prepared."),
        form=Because,
        perform=bounce,
        rows=payouts,
        transition="bounce",
        harsh=True,
    ),
    Move(
        name="mark-payout-unknown",
        label=_("Record that the bank does not answer"),
        consequence=_("Nobody pays a second time until the bank's statement shows what happened."),
        form=Blank,
        perform=mark_unknown,
        rows=payouts,
        transition="mark_unknown",
    ),
    Move(
        name="cancel-payout",
        label=_("Cancel the order"),
        consequence=_("Nothing has left the house, and nothing will under this reference."),
        form=Because,
        perform=cancel,
        rows=payouts,
        transition="cancel",
        harsh=True,
    ),
)

name_verbs(
    {
        "prepare_payout": _("Payout prepared"),
        "approve_payout": _("Payout approved"),
        "start_payment": _("Payout released to the bank"),
        "cancel_payout": _("Payout cancelled"),
        "confirm_payment": _("Payout settled"),
        "payment_bounced": _("Payment came back"),
        "mark_payout_unknown": _("Fate of the payment unknown"),
    }
)

add_figures(
    Block(
        name="money",
        title=_("Money in each stage"),
        about=_(
            "What was decided, approved or is with the bank is as it stands now; what was paid is what the book says "
            "of the period, without what was taken back."
        ),
        empty=_("No money is decided, under way or paid."),
        read=figures.money,
        permission="payouts.view_payout",
        place=90,
    )
)
add_behind("money", _("money in each stage"), figures.MONEY.cases, "payouts.view_payout")
