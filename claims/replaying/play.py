"""Playing one script: joining, the events at their times, and every sweep between them at the instant it was due."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from claims.models import Claim
from claims.replaying.casting import Cast
from claims.replaying.registry import follows, props, verbs
from claims.replaying.script import Event, Malformed, Script
from config.kernel import sweeping
from config.kernel.civil import civil_date
from config.kernel.identity import make_resident_id
from config.kernel.refusals import Refusal, WrongState
from members.enums import Purpose, Sex
from members.models import Member, Membership, Plan
from members.refusals import NoCovenant, NotAdmitted, NotAMember
from members.rules.admission import Admission
from members.services import dues, joining, plans

REGIONS = {"北京": "110101", "上海": "310101", "广东": "440305", "湖北": "420106", "四川": "510104", "浙江": "330106"}
ELSEWHERE = "130102"


@dataclass
class Play:
    """One script on its stage. `membership` is None when joining was refused, `claim_id` until the report.

    A stage may be set beforehand: a `membership` that is given is not played, and `other` is the member who objects.
    """

    script: Script
    cast: Cast = field(default_factory=Cast)
    admission: Admission | None = None
    membership: Membership | None = None
    claim_id: int | None = None
    outcomes: list[tuple[Event, Refusal | None, str | None]] = field(default_factory=list)
    other: Membership | None = None
    _asked: bool = False
    _due: datetime | None = None

    def run(self) -> Iterator[Event]:
        """Play it all, an event at a time."""
        for set_up in props:
            set_up()
        if self.membership is None:
            self._join()
        clock = self.script.joined_at
        for event in self.script.events:
            self._sweep(since=clock, until=event.at)
            refusal = self._attempt(event)
            self._sweep(since=event.at, until=event.at)
            self.outcomes.append((event, refusal, self.state))
            clock = event.at
            yield event
        self._sweep(since=clock, until=self.script.until)

    @property
    def state(self) -> str | None:
        """The step of the case, None where there is none."""
        if self.claim_id is None:
            return None
        return Claim.objects.values_list("state", flat=True).get(pk=self.claim_id)

    @property
    def case(self) -> int:
        """The id of the case; `WrongState` before the report."""
        if self.claim_id is None:
            raise WrongState(state=_("no case yet"))
        return self.claim_id

    @property
    def member(self) -> Membership:
        """The membership; `NotAMember` where joining was refused."""
        if self.membership is None:
            raise NotAMember(day=civil_date(self.script.joined_at))
        return self.membership

    def other_member(self) -> Membership:
        """Another member of the plan, who joined at the same time."""
        if self.other is None:
            birth = date(civil_date(self.script.joined_at).year - 40, 1, 1)
            person = {"name": "林其他", "sex": "F", "birth_date": birth.isoformat(), "region": "上海"}
            self.other = joining.admit(
                self._plan(),
                _applicant(person),
                tier_fen=self.script.membership["tier_yuan"] * 100,
                declared={},
                by=self.cast.next("intake"),
                at=self.script.joined_at,
            )
        return self.other

    def _plan(self) -> Plan:
        return Plan.objects.get(code=self.script.plan)

    def _join(self) -> None:
        script, plan, said = self.script, self._plan(), self.script.membership
        consents = said.get("consents", [Purpose.PUBLICITY, Purpose.INVESTIGATION])
        try:
            covenant = plans.derive(
                plans.covenant_on(plan, civil_date(script.joined_at)), script.terms, at=script.joined_at
            )
        except NoCovenant as no:
            raise Malformed("membership.joined_at", str(no)) from no
        try:
            self.membership = joining.admit(
                plan,
                _applicant(script.member),
                tier_fen=said["tier_yuan"] * 100,
                declared=said.get("declared", {}),
                documents=said.get("documents", []),
                consents=[Purpose(consent) for consent in consents],
                migrated=said.get("migrated", False),
                health_rechecked=said.get("health_rechecked", False),
                covenant=covenant,
                by=self.cast.next("intake"),
                at=script.joined_at,
            )
        except NotAdmitted as no:
            self.admission = no.data["admission"]
            return
        for due_on, fen in script.unpaid_shares:
            if fen:
                dues.owe(self.membership, due_on=due_on, fen=fen)

    def _attempt(self, event: Event) -> Refusal | None:
        """One event in a savepoint, checked as a commit would check it; of a refused one nothing is kept."""
        before = self.claim_id, self.other
        self._asked = False
        try:
            with transaction.atomic():
                if self.membership is None or event.at < self.script.joined_at:
                    raise NotAMember(day=civil_date(event.at))
                for play in (verbs[event.do], *follows.get(event.do, ())):
                    play(self, event.at, event.arguments)
                constraints_now()
        except Refusal as no:
            self.claim_id, self.other = before
            return no
        return None

    def _sweep(self, *, since: datetime, until: datetime) -> None:
        """Every sweep between two instants; asked anew only when something happened since it said what comes next."""
        if self.claim_id is None or (self._asked and (self._due is None or self._due > until)):
            return
        rings = sweeping.ring_until(since=since, until=until, only=self.claim_id)
        try:
            while next(rings):
                constraints_now()
        except StopIteration as over:
            self._asked, self._due = True, over.value


def constraints_now() -> None:
    """Check what is deferred to a commit, which never comes here."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def _applicant(member: dict[str, Any]) -> joining.Applicant:
    birth, sex, region = date.fromisoformat(member["birth_date"]), member.get("sex", "F"), member.get("region", "")
    return joining.Applicant(
        name=member["name"],
        sex=Sex(sex),
        birth_date=birth,
        region=region,
        id_number=_free_number(REGIONS.get(region, ELSEWHERE), birth, sex),
    )


def _free_number(region: str, birth: date, sex: str) -> str:
    """A resident ID number that nobody has yet; odd sequences are men's."""
    for sequence in count(1 if sex == Sex.MALE else 2, 2):
        place, last_three = divmod(sequence, 1000)
        number = make_resident_id(f"{int(region) + place:06d}", birth, last_three)
        if not Member.objects.filter(id_number=number).exists():
            return number
    raise AssertionError("count() does not end")
