"""What ships with the product, brought into the database: holidays, diseases, hospitals, plans. May run any time."""

import csv
import json
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from config.kernel.working_days import load_holidays
from members.models import Covenant, Disease, Hospital, Plan
from members.rules.plan_files import PlanFile, plan_codes, read_plan
from members.services.plans import Wording, founders, sign, wording_of, write

CATALOGUE = Path(__file__).resolve().parent.parent / "catalogue"


class ShippedVersionChanged(Exception):
    """A plan file differs from what was published under its version: it needs a version of its own."""


@transaction.atomic
def load_shipped(*, at: datetime) -> list[Covenant]:
    """Everything that ships; the current version of each plan, by plan code. A second run changes nothing."""
    load_holidays()
    load_diseases()
    load_hospitals()
    return [_load_plan(read_plan(code), at=at) for code in plan_codes()]


def load_diseases() -> None:
    """The catalogue, by disease code."""
    rows = [
        Disease(
            code=entry["code"],
            number=entry["number"],
            disease_class=entry["class"],
            source=entry["source"],
            name_zh=entry["name"]["zh"],
            name_en=entry["name"]["en"],
            name_2007=(entry["name_2007"] or {}).get("zh", ""),
            icd10=entry["icd10"] or "",
            definition_zh=entry["definition"]["zh"],
            definition_en=entry["definition"]["en"],
            proof_zh=entry["proof"]["zh"],
            proof_en=entry["proof"]["en"],
        )
        for entry in json.loads((CATALOGUE / "diseases.json").read_text(encoding="utf-8"))
    ]
    fields = [field.name for field in Disease._meta.concrete_fields if field.name not in ("id", "code")]
    Disease.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)


def load_hospitals() -> None:
    """The sample register. A row that is there already is left alone: administrators keep the register."""
    with (CATALOGUE / "hospitals.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Hospital(
                **row
                | {
                    "aliases": [name for name in row["aliases"].split("|") if name],
                    "valid_from": date.fromisoformat(row["valid_from"]),
                    "valid_to": date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
                }
            )
            for row in csv.DictReader(file)
        ]
    Hospital.objects.bulk_create(rows, ignore_conflicts=True)


def _load_plan(file: PlanFile, *, at: datetime) -> Covenant:
    plan, _created = Plan.objects.get_or_create(
        code=file.code, defaults={"name_zh": file.name["zh"], "name_en": file.name["en"]}
    )
    wording = Wording(file.terms, file.clauses, file.term_clauses, file.questions)
    covenant = Covenant.objects.filter(plan=plan, version=file.version).first()
    if covenant is None:
        drafter, publisher = founders()
        covenant = write(plan, file.version, wording, in_force_from=file.in_force_from, by=drafter, at=at)
        return sign(covenant, by=publisher, at=at)
    if _as_json(wording_of(covenant)) != _as_json(wording) or covenant.in_force_from != file.in_force_from:
        raise ShippedVersionChanged(f"{plan.code} {file.version} was published with another content.")
    return covenant


def _as_json(wording: Wording) -> str:
    parts = (wording.terms, wording.clauses, wording.term_clauses, wording.questions)
    return json.dumps(parts, sort_keys=True)
