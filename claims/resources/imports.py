"""Cases that were reported by phone, or that another system sends: each row goes the way of the page."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from claims.enums import ENDED, Cause, Reporter
from claims.models import Claim
from claims.rules.kinds import Approach, Behaviour, SymptomsInWaiting
from claims.services import reporting
from config.kernel.civil import civil_date
from config.kernel.importing import columns
from config.kernel.importing.columns import Column, Read
from config.kernel.importing.importers import Effect, Importer, Row, importable
from members.models import Disease, Membership, Plan

CAUSE_NAMES = {"疾病": "illness", "意外": "accident"}
REPORTER_NAMES = {"成员本人": "member", "监护人": "guardian", "继承人": "heir", "受托人": "agent"}

FACTS = ("symptoms_in_waiting", "behaviour", "site", "tnm", "approach", "dialysis_since", "transplanted_on")
"""Columns that are medical facts of the case, kept as the case script writes them."""


def among(kinds: Any) -> Read:
    """One of the values of an enumeration."""
    return columns.any_of({kind.value: kind.value for kind in kinds})


@importable
class ReportImporter(Importer):
    kind = "cases"
    title = _("Reported cases")
    about = _(
        "Each row is a report: a case is opened, with its number, its first assessment and the list of required papers."
        " Where the report is refused on the page, the row is refused here."
    )
    permission = "claims.import_claim"
    portion = 20
    most_rows = 500
    tries = True

    id_number = Column(
        "身份证号",
        "Resident ID number",
        columns.typed(40),
        _("Of the member; the column formatted as text."),
        needed=True,
        example="42010619800520002X",
    )
    plan = Column("计划", "Plan", columns.words(40), _("Code or name of the plan."), needed=True, example="qingsong")
    disease = Column(
        "疾病",
        "Disease",
        columns.words(120),
        _("Code or name in the catalogue."),
        needed=True,
        example="malignant_tumor",
    )
    diagnosed_on = Column("确诊日期", "First diagnosed on", columns.day, needed=True, example="2025-04-01")
    cause = Column(
        "原因",
        "Cause",
        columns.one_of(Cause, names=CAUSE_NAMES),
        _("Empty means illness."),
        blank="illness",
        example="疾病",
    )
    accident_on = Column("意外发生日期", "Accident on", columns.day, blank=None)
    reporter = Column(
        "报案人",
        "Reported by the",
        columns.one_of(Reporter, names=REPORTER_NAMES),
        _("Empty means the member."),
        blank="member",
        example="成员本人",
    )
    reporter_phone = Column("报案人电话", "Phone of whoever reported", columns.phone, example="13800138000")
    reporter_agency = Column("报案机构", "Agency that reported", columns.words(80))
    symptoms_in_waiting = Column(
        "等待期内症状",
        "Symptoms within the waiting period",
        among(SymptomsInWaiting),
        ", ".join(one.value for one in SymptomsInWaiting),
    )
    behaviour = Column("肿瘤性质", "Behaviour of a tumour", among(Behaviour), ", ".join(one.value for one in Behaviour))
    site = Column("肿瘤部位", "Site of a tumour", columns.words(40), example="thyroid")
    tnm = Column("TNM分期", "TNM stage", columns.words(20), example="T1aN0M0")
    approach = Column("搭桥手术方式", "Approach of a bypass", among(Approach), ", ".join(one.value for one in Approach))
    dialysis_since = Column("透析开始日期", "Dialysis since", columns.day)
    transplanted_on = Column("移植日期", "Transplanted on", columns.day)
    notes = Column("病情备注", "Medical notes", columns.words(2_000), _("Kept encrypted."))

    def lookups(self) -> dict[str, Read]:
        plans = {name: one for one in Plan.objects.all() for name in (one.code, one.name_zh, one.name_en)}
        diseases = {name: one.code for one in Disease.objects.all() for name in (one.code, one.name_zh, one.name_en)}
        return {
            "id_number": columns.id_number(civil_date(self.at)),
            "plan": columns.any_of(plans),
            "disease": columns.any_of(diseases),
        }

    def judge(self, rows: Sequence[Row]) -> None:
        """Which membership, and whether this very case is open already: then there is nothing to do."""
        numbers = [row.values["id_number"].number for row in rows]
        found = Membership.objects.filter(member__id_number__in=numbers).order_by("joined_on", "pk") if numbers else ()
        memberships = {(one.member.id_number, one.plan_id): one for one in _with_members(found)}
        for row in rows:
            membership = memberships.get((row.values["id_number"].number, row.values["plan"].pk))
            if membership is None:
                self.fault(row, "id_number", gettext_noop("belongs to no member of this plan."))
            elif self.once(row, membership.pk, "id_number"):
                row.found = membership.pk
                row.effect = Effect.UNCHANGED if self._is_there(membership.pk, row.values) else Effect.NEW

    def _is_there(self, membership_id: int, said: dict[str, Any]) -> bool:
        same = Claim.objects.filter(
            membership=membership_id, disease=said["disease"], diagnosed_on=said["diagnosed_on"]
        )
        return same.exclude(state__in=ENDED).exists()

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self.attempt([row], partial(self._report, row.found, row.values))

    def _report(self, membership_id: int, said: dict[str, Any]) -> None:
        facts = {name: _as_json(said[name]) for name in FACTS if said[name]}
        reporting.report(
            membership_id,
            disease=said["disease"],
            diagnosed_on=said["diagnosed_on"],
            cause=Cause(said["cause"]),
            accident_on=said["accident_on"],
            facts=facts,
            notes=said["notes"],
            reporter=Reporter(said["reporter"]),
            reporter_phone=said["reporter_phone"],
            reporter_agency=said["reporter_agency"],
            by=self.by,
            at=self.at,
        )


def _with_members(memberships: Any) -> Any:
    return memberships.select_related("member") if memberships else ()


def _as_json(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
