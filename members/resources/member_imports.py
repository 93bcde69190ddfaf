"""Members taken over from another system, each with a membership (SR-05).

They are written as migrated, their health to be checked again before aid is decided. Nobody declared anything here, so
no declaration is written, and a consent only where the sheet says on which day it was given. A member who is known is
completed where something was empty, and never changed: other data, and a joining date, are corrected on the pages.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.kernel.civil import age_years, civil_date, days_between, start_of
from config.kernel.crypto import blind, keyring
from config.kernel.importing import columns
from config.kernel.importing.columns import Column, Read, Unfit
from config.kernel.importing.copying import Made, copy_in, made, new_keys
from config.kernel.importing.importers import Effect, Importer, Row, importable
from members.enums import EndReason, Purpose, Sex
from members.models import Consent, Covenant, Member, Membership, Plan
from members.policies import terms_of
from members.rules import admission
from members.rules.codes import Outcome
from members.services.joining import DOCUMENTS

WHERE = {name: f"members_member.{name}" for name in ("id_number", "phone", "bank_card")}
"""What the tokens and indexes of the encrypted columns are bound to."""

CONTACTS = ("region", "email", "phone", "bank_card")
CONSENTS = {"publicity": Purpose.PUBLICITY, "investigation": Purpose.INVESTIGATION}

SEX_NAMES = {"女": "F", "男": "M", "female": "F", "male": "M"}
REASON_NAMES = {"互助金已划拨": "paid", "未缴分摊金": "arrears", "主动退出": "left"}
PAPER_NAMES = {"出生证明": "birth_certificate", "体检报告": "exam_report"}

OTHER = gettext_noop("is another than the one that is known: it is not changed by a sheet.")
NO_AGE = 1_000


KNOWN = """
SELECT id_number_index, id, name, region, email, phone_index, bank_card_index, died_on
FROM members_member WHERE id_number_index = ANY(%s)
"""


@dataclass(slots=True)
class Known:
    """A member as the tables have it: numbers by their blind index alone."""

    pk: int
    name: str
    region: str
    email: str
    phone: bytes | None
    bank_card: bytes | None
    died_on: date | None
    memberships: list[tuple[Any, ...]] = field(default_factory=list)
    """Plan, covenant, joined at, tier, ended on, reason of the end."""


@dataclass(slots=True)
class Found:
    """What judging found out of a row, for writing it."""

    index: bytes
    known: Known | None
    joins: bool = True
    completes: dict[str, str] = field(default_factory=dict)


def papers_shown(cell: Any) -> list[str]:
    """Papers of joining, separated by commas: by code or Chinese name."""
    parts = [part.strip() for part in str(cell).replace("，", ",").replace("、", ",").split(",") if part.strip()]
    codes = [PAPER_NAMES.get(part, part) for part in parts]
    if any(code not in DOCUMENTS for code in codes):
        message = gettext_noop("joining asks for no such paper. Known are: %(known)s.")
        raise Unfit(message, known=", ".join(sorted(DOCUMENTS)))
    return sorted(set(codes))


@importable
class MemberImporter(Importer):
    kind = "members"
    title = _("Members taken over from another system")
    about = _(
        "Each row is a person with a membership. They count as taken over: their health is checked again before aid is"
        " decided (SR-05)."
    )
    permission = "members.import_member"

    name = Column("姓名", "Name", columns.words(80), _("As on the ID card."), needed=True, example="吴小漫")
    sex = Column("性别", "Sex", columns.one_of(Sex, names=SEX_NAMES), _("男 or 女, F or M."), needed=True, example="女")
    birth_date = Column(
        "出生日期", "Date of birth", columns.day, _("A day; it must be that of the ID number."),
        needed=True, example="1980-05-20",
    )  # fmt: skip
    region = Column("地区", "Region", columns.words(40), _("Province or city."), needed=True, example="湖北")
    id_number = Column(
        "身份证号", "Resident ID number", columns.typed(40),
        _("18 characters with their check digit, or 15 of an old card; the column formatted as text."),
        needed=True, example="42010619800520002X",
    )  # fmt: skip
    phone = Column("手机号", "Phone", columns.phone, _("A mobile number of 11 digits."), example="13800138000")
    bank_card = Column(
        "银行卡号", "Bank card", columns.card, _("13 to 19 digits; the column formatted as text."),
        example="6222020200112230",
    )  # fmt: skip
    email = Column("电子邮箱", "E-mail", columns.email, _("Where messages go to."), example="member@example.com")
    plan = Column(
        "计划", "Plan", columns.words(40), _("Code or name of a plan of this desk."), needed=True, example="qingsong"
    )
    covenant = Column(
        "公约版本", "Covenant version", columns.words(40),
        _("The published version that was agreed to; empty for the one in force on the day of joining."),
    )  # fmt: skip
    tier_fen = Column(
        "档位（元）", "Tier (yuan)", lru_cache(256, typed=True)(columns.yuan), _("One that the version offers."),
        needed=True, example="100000",
    )  # fmt: skip
    joined_at = Column(
        "加入时间", "Joined at", columns.moment, _("A day, or a day with a time, Beijing time."),
        needed=True, example="2023-06-01 10:00",
    )  # fmt: skip
    ended_on = Column(
        "退出日期", "Ended on", columns.day, _("The last day of the membership; empty while it runs."), blank=None
    )
    end_reason = Column(
        "退出原因", "Reason of the end", columns.one_of(EndReason, names=REASON_NAMES),
        _("paid, arrears or left; needed with the last day."),
    )  # fmt: skip
    documents = Column(
        "已交入会材料", "Papers shown at joining", papers_shown,
        _("birth_certificate, exam_report: where the covenant asks for them at that age."), blank=[],
    )  # fmt: skip
    publicity = Column(
        "同意公示日期",
        "Consent to publication on",
        columns.day,
        _("The day of a separate consent; empty for none."),
        blank=None,
    )
    investigation = Column(
        "同意调查日期",
        "Consent to investigation on",
        columns.day,
        _("The day of a separate consent; empty for none."),
        blank=None,
    )

    def lookups(self) -> dict[str, Read]:
        self.plans = list(Plan.objects.order_by("pk"))
        names = {name: one for one in self.plans for name in (one.code, one.name_zh, one.name_en)}
        versions = Covenant.objects.published().filter(derived_from__isnull=True).select_related("plan")
        self.today = civil_date(self.at)
        self.versions: dict[int, list[Covenant]] = defaultdict(list)
        for one in versions.order_by("-in_force_from", "-id"):
            self.versions[one.plan_id].append(one)
        return {"plan": lru_cache(256)(columns.any_of(names)), "id_number": columns.id_number(self.today)}

    def rests_on(self) -> Any:
        """Plans and published versions; the clock is none of it, for what is not in the future never will be."""
        plans = [(one.pk, one.code, one.name_zh, one.name_en) for one in self.plans]
        versions = (one for listed in self.versions.values() for one in listed)
        return [plans, [(one.pk, one.plan_id, one.version, one.in_force_from.isoformat()) for one in versions]]

    def check(self, row: Row) -> None:
        said = row.values
        number = said["id_number"]
        if number.birth_date != said["birth_date"]:
            self.fault(row, "id_number", gettext_noop("its date of birth is another."))
        if number.sex != said["sex"]:
            self.fault(row, "id_number", gettext_noop("its sex is another."))
        said["joined_on"] = civil_date(said["joined_at"])
        self._check_times(row, said["joined_on"], said["ended_on"])
        if (version := self._version(row)) is not None:
            said["version"] = version
            self._check_terms(row, version)

    def _check_times(self, row: Row, joined_on: date, ended_on: date | None) -> None:
        said = row.values
        if said["joined_at"] > self.at:
            self.fault(row, "joined_at", gettext_noop("lies in the future."))
        if joined_on < said["birth_date"]:
            self.fault(row, "joined_at", gettext_noop("lies before the date of birth."))
        if (ended_on is None) != (not said["end_reason"]):
            self.fault(row, "ended_on", gettext_noop("a last day and its reason come together."))
        if ended_on is not None and not joined_on <= ended_on <= self.today:
            self.fault(row, "ended_on", gettext_noop("lies before the joining, or in the future."))
        for name in CONSENTS:
            if said[name] is not None and not joined_on <= said[name] <= self.today:
                self.fault(row, name, gettext_noop("lies before the joining, or in the future."))

    def _version(self, row: Row) -> Covenant | None:
        named, versions = row.values["covenant"], self.versions[row.values["plan"].pk]
        begun = (one for one in versions if one.in_force_from <= row.values["joined_on"])
        if not named:
            if (found := next(begun, None)) is None:
                self.fault(row, "joined_at", gettext_noop("the plan had no covenant in force on that day."))
            return found
        if (found := next((one for one in versions if one.version == named), None)) is None:
            self.fault(row, "covenant", gettext_noop("is no published version of this plan."))
        return found

    def _check_terms(self, row: Row, version: Covenant) -> None:
        said, terms = row.values, terms_of(version)
        if said["tier_fen"] not in terms.tiers.fen:
            self.fault(row, "tier_fen", gettext_noop("is none that the plan offers."))
        born, joined_on = said["birth_date"], said["joined_on"]
        days, years = days_between(born, joined_on), age_years(born, joined_on)
        oldest = min(terms.age.max_years, (terms.exam_report.from_age or NO_AGE) - 1)
        if max(terms.age.min_days, terms.newborn.max_days + 1) <= days and years <= oldest:
            return  # of an age at which nothing is asked: most are
        person = admission.Person(born, joined_on, frozenset(said["documents"]), migrated=True)
        if (found := admission.admit(person, terms)).outcome is not Outcome.ACCEPT:
            codes = ", ".join(found.codes)
            self.fault(row, "joined_at", gettext_noop("joining was not possible at that age: %(codes)s."), codes=codes)

    def judge(self, rows: Sequence[Row]) -> None:
        indexes = [blind(row.values["id_number"].number, where=WHERE["id_number"]) for row in rows]
        known = known_members(indexes)
        for row, index in zip(rows, indexes, strict=True):
            if not self.once(row, index, "id_number"):
                continue
            row.found = Found(index, known.get(index))
            if row.found.known is None:
                row.effect = Effect.NEW
            else:
                self._judge_known(row, row.found)

    def _judge_known(self, row: Row, found: Found) -> None:
        known, said = found.known, row.values
        assert known is not None
        if known.name != said["name"]:
            self.fault(row, "id_number", gettext_noop("belongs to a member of another name."))
        elif known.died_on is not None:
            self.fault(row, "id_number", gettext_noop("belongs to a member who has died."))
        else:
            found.completes = self._completed(row, known)
            found.joins = self._joins(row, known)
            row.effect = Effect.NEW if found.joins else Effect.CHANGED if found.completes else Effect.UNCHANGED

    def _completed(self, row: Row, known: Known) -> dict[str, str]:
        completes = {}
        for name in CONTACTS:
            said, held = row.values[name], getattr(known, name)
            if not said:
                continue
            if not held:
                completes[name] = said
            elif held != (said if name in ("region", "email") else blind(said, where=WHERE[name])):
                self.fault(row, name, OTHER)
        return completes

    def _joins(self, row: Row, known: Known) -> bool:
        """Whether it is a membership that is not there yet; a fault where it contradicts one that is."""
        said = row.values
        mine = (said["plan"].pk, said["version"].pk, said["joined_at"], said["tier_fen"])
        for plan, covenant, joined_at, tier_fen, ended_on, reason in known.memberships:
            if (plan, covenant, joined_at, tier_fen) == mine and (ended_on, reason) == (
                said["ended_on"],
                said["end_reason"],
            ):
                return False
            if plan == mine[0] and _overlap(joined_at, ended_on, said["joined_on"], said["ended_on"]):
                self.fault(row, "id_number", gettext_noop("belongs to a member of this plan at that time."))
                return False
        return True

    def make(self, rows: Sequence[Row]) -> list[Made] | None:
        """Where nobody of them is known; the index of the ID number is unique."""
        return self._made(rows) if all(row.found.known is None for row in rows) else None

    def write(self, rows: Sequence[Row]) -> None:
        for one in self._made([row for row in rows if self._complete(row, row.found)]):
            copy_in(one)

    def _complete(self, row: Row, found: Found) -> bool:
        """Fill in what was empty of a member who is known; a fault where somebody else did so since it was judged."""
        if found.known is not None and found.completes:
            member = Member.objects.select_for_update().get(pk=found.known.pk)
            for name, value in found.completes.items():
                if getattr(member, name) not in ("", value):
                    self.fault(row, name, OTHER)
                setattr(member, name, value)
            if not row.faults:
                indexes = [f"{name}_index" for name in found.completes if name in WHERE]
                member.save(update_fields=[*found.completes, *indexes])
        return not row.faults

    def _made(self, rows: Sequence[Row]) -> list[Made]:
        """New people, memberships and consents."""
        new = [row for row in rows if row.found.known is None]
        keys = dict(zip((row.line for row in new), new_keys(Member, len(new)), strict=True))
        people = [_member(keys[row.line], row) for row in new]
        keys |= {row.line: row.found.known.pk for row in rows if row.found.known is not None}
        joining = [row for row in rows if row.found.joins]
        own = new_keys(Membership, len(joining))
        memberships = [_membership(pk, keys[row.line], row.values) for pk, row in zip(own, joining, strict=True)]
        consents = [
            (pk, purpose.value, start_of(row.values[name]))
            for pk, row in zip(own, joining, strict=True)
            for name, purpose in CONSENTS.items()
            if row.values[name] is not None
        ]
        all_of_them = ((Member, MEMBER, people), (Membership, MEMBERSHIP, memberships), (Consent, CONSENT, consents))
        return [made(model, names, told) for model, names, told in all_of_them if told]


def known_members(indexes: Iterable[bytes]) -> dict[bytes, Known]:
    """Those of the people who are members, by the index of their ID number, with their memberships; two queries."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, [list(indexes)])  # one array, where the ORM would write thousands of places
        for index, pk, name, region, email, phone, card, died_on in cursor.fetchall():
            found[bytes(index)] = Known(pk, name, region, email, _bytes(phone), _bytes(card), died_on)
    by_key = {one.pk: one for one in found.values()}
    told = ("member_id", "plan_id", "covenant_id", "joined_at", "tier_fen", "ended_on", "end_reason")
    for member, *about in Membership.objects.filter(member__in=by_key).order_by().values_list(*told) if by_key else ():
        by_key[member].memberships.append(tuple(about))
    return found


def _overlap(joined_at: datetime, ended_on: date | None, joined_on: date, last: date | None) -> bool:
    return (ended_on is None or joined_on <= ended_on) and (last is None or civil_date(joined_at) <= last)


def _bytes(value: Any) -> bytes | None:
    return None if value is None else bytes(value)


MEMBER = (
    *("id", "name", "sex", "birth_date", "region", "email"),
    *("id_number", "id_number_index", "phone", "phone_index", "bank_card", "bank_card_index"),
)
MEMBERSHIP = (
    *("id", "member", "plan", "covenant", "joined_at", "joined_on", "tier_fen", "documents", "migrated"),
    *("ended_on", "end_reason"),
)
CONSENT = ("membership", "purpose", "given_at")


def _member(pk: int, row: Row) -> tuple[Any, ...]:
    said, seal = row.values, keyring().seal
    number, phone, card = said["id_number"].number, said["phone"], said["bank_card"]
    return (
        *(pk, said["name"], said["sex"], said["birth_date"], said["region"], said["email"]),
        *(seal(number.encode(), where=WHERE["id_number"]), row.found.index),
        *(seal(phone.encode(), where=WHERE["phone"]), blind(phone, where=WHERE["phone"]) if phone else None),
        *(seal(card.encode(), where=WHERE["bank_card"]), blind(card, where=WHERE["bank_card"]) if card else None),
    )


def _membership(pk: int, member: int, said: dict[str, Any]) -> tuple[Any, ...]:
    adapt = connection.ops.adapt_json_value
    return (
        *(pk, member, said["plan"].pk, said["version"].pk, said["joined_at"], said["joined_on"], said["tier_fen"]),
        *(adapt(said["documents"], None), True, said["ended_on"], said["end_reason"]),
    )
