"""Second looks of the demo's closed cases: some agree, some find an error, which is contested, settled or accepted."""

from contextlib import suppress
from datetime import date, datetime

from claims.enums import LookAnswer, Mistake, Post, Settlement, Verdict
from claims.models import MonthlyReport, SecondLook
from claims.services import looking, monthly, sampling
from config.kernel.civil import add_months, civil_date
from config.kernel.models import User
from config.kernel.permissions import holders
from config.kernel.refusals import InvalidInput

LEFT = 3
"""Every third one is left to be done."""


def look_again(*, at: datetime) -> int:
    """Draw the running month, and look at most of what was drawn; how many. Nothing where it was done before."""
    if SecondLook.objects.filter(stated_at__isnull=False).exists():
        return 0
    supervisor = User.objects.get(username="supervisor-1")
    this_month = civil_date(at).replace(day=1)
    with suppress(InvalidInput):
        sampling.draw(this_month, by=supervisor, at=at)
    looking.give_out(at=at)
    given = SecondLook.objects.filter(given_to__isnull=False).select_related("given_to").order_by("pk")
    done = [look for number, look in enumerate(given) if number % LEFT != LEFT - 1]
    found = [look for number, look in enumerate(done) if _look_at(look, differs=number % LEFT > 0, at=at)]
    for number, look in enumerate(found):
        _answer(look, number, at=at)
    with suppress(InvalidInput):
        sampling.draw(add_months(this_month, -1), by=supervisor, at=at)  # these wait until a worker gives them out
    _ask_for_reports(this_month, at=at)
    return len(done)


def _look_at(look: SecondLook, *, differs: bool, at: datetime) -> bool:
    """State an own decision and say what was found; whether somebody has to answer that."""
    by, outcome = look.given_to, Verdict(look.outcome)
    assert by is not None
    fen = None if look.amount_fen is None else look.amount_fen * (8 if differs else 10) // 10
    ground = "LATE_REPORT" if differs and look.ground else look.ground
    reason = "按材料与公约条款独立复核,结论如上。"
    looking.state_own(look.pk, outcome=outcome, fen=fen, ground=ground, reason=reason, by=by, at=at)
    if not differs:
        looking.conclude(look.pk, by=by, at=at)
        return False
    kind = Mistake.AMOUNT_WRONG if fen else Mistake.GROUND_WRONG
    finding = "与公约条款对照后结论不同,请核对计算步骤。"
    looking.conclude(look.pk, post=Post.DECISION, kind=kind, finding=finding, by=by, at=at)
    return look.decided_by is not None


def _answer(look: SecondLook, number: int, *, at: datetime) -> None:
    """One after the other: contested and waiting, contested and settled, accepted, not answered yet."""
    assert look.decided_by is not None
    assert look.given_to is not None
    turn = number % 4
    if turn == 2:
        looking.answer(look.pk, said=LookAnswer.ACCEPTED, by=look.decided_by, at=at)
    if turn > 1:
        return
    text = "终审时已考虑该条款,理由见决定书。"
    looking.answer(look.pk, said=LookAnswer.CONTESTED, text=text, by=look.decided_by, at=at)
    third = holders(looking.SETTLE).exclude(pk=look.given_to.pk).exclude(pk=look.decided_by.pk).order_by("pk").first()
    if turn == 1 and third is not None:
        reason = "复核意见成立:计算步骤与公约条款不符。"
        looking.settle(look.pk, settled=Settlement.STANDS, reason=reason, by=third, at=at)


def _ask_for_reports(month: date, *, at: datetime) -> None:
    """One of each kind; the worker makes them."""
    if not MonthlyReport.objects.exists():
        for has_names in (True, False):
            monthly.ask(month, has_names=has_names, by=User.objects.get(username="supervisor-1"), at=at)
