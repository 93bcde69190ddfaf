"""The shipped disease catalogue and hospital register, read as plain files."""

import csv
import json
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

CATALOGUE = Path(__file__).parents[2] / "members" / "catalogue"
DISEASES: list[dict[str, Any]] = json.loads((CATALOGUE / "diseases.json").read_text(encoding="utf-8"))
with (CATALOGUE / "hospitals.csv").open(encoding="utf-8", newline="") as file:
    HEADER, *LINES = list(csv.reader(file))
HOSPITALS = [dict(zip(HEADER, line, strict=False)) for line in LINES]

by_code = pytest.mark.parametrize("disease", DISEASES, ids=[disease["code"] for disease in DISEASES])

# The plan is not insurance and must not sound like it; the glossary has the words to use.
INSURANCE_WORDS = re.compile(
    r"保险|理赔|赔付|拒赔|拒付|赔偿|保额|保费|保单|投保|承保|被保|受益人|insur|premium|\bpolic(y|ies)\b|policyholder|underwrit|indemni",
    re.IGNORECASE,
)
ICD10 = re.compile(r"[A-Z]\d\d(\.\d)?(–[A-Z]\d\d(\.\d)?)?")


def texts(disease: dict[str, Any]) -> dict[str, str]:
    """Every text of a disease by its path, `{"name.zh": …}`."""
    return {f"{part}.{lang}": disease[part][lang] for part in ("name", "definition", "proof") for lang in ("zh", "en")}


def test_there_are_113_diseases_under_unique_codes_in_the_order_of_their_numbers() -> None:
    assert len({disease["code"] for disease in DISEASES}) == 113
    assert [disease["number"] for disease in DISEASES] == list(range(1, 114))


def test_the_severe_and_mild_ones_of_the_norm_come_before_those_of_the_plan() -> None:
    assert [disease["class"] for disease in DISEASES] == ["severe"] * 28 + ["mild"] * 3 + ["further"] * 82
    assert {disease["source"] for disease in DISEASES[:31]} == {"2020", "2007"}
    assert {disease["source"] for disease in DISEASES[31:]} == {"plan"}


def test_the_public_codes_stand_at_their_place_in_the_norm() -> None:
    numbers = {disease["code"]: disease["number"] for disease in DISEASES}

    assert {
        "malignant_tumor": 1,
        "acute_myocardial_infarction": 2,
        "coronary_bypass": 5,
        "end_stage_renal_disease": 6,
        "deep_coma": 12,
        "severe_alzheimer": 17,
        "malignant_tumor_mild": 29,
    }.items() <= numbers.items()


def test_what_the_plan_reads_as_in_2007_is_marked_and_keeps_its_old_name() -> None:
    assert {disease["code"]: disease["name_2007"]["zh"] for disease in DISEASES if disease["source"] == "2007"} == {
        "malignant_tumor": "恶性肿瘤",
        "acute_myocardial_infarction": "急性心肌梗塞",
        "coronary_bypass": "冠状动脉搭桥术",
        "end_stage_renal_disease": "终末期肾病",
        "severe_alzheimer": "严重阿尔茨海默病",
    }


def test_the_25_of_2007_have_an_old_name_and_no_others() -> None:
    assert [disease["number"] for disease in DISEASES if disease["name_2007"]] == list(range(1, 26))


@by_code
def test_a_disease_is_told_in_both_languages(disease: dict[str, Any]) -> None:
    for path, text in texts(disease).items():
        assert text == text.strip() != "", path
        assert bool(re.search(r"[\u4e00-\u9fff]", text)) == path.endswith(".zh"), path
    assert disease["definition"]["zh"].endswith("。")
    assert disease["definition"]["en"].endswith(".")


@by_code
def test_a_disease_has_a_code_and_an_icd_hint_of_the_agreed_shape(
    disease: dict[str, Any],
) -> None:
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", disease["code"])
    assert disease["icd10"] is None or all(ICD10.fullmatch(part) for part in disease["icd10"].split(", "))


@by_code
def test_a_disease_is_told_without_insurance_words(disease: dict[str, Any]) -> None:
    assert [text for text in texts(disease).values() if INSURANCE_WORDS.search(text)] == []


@pytest.mark.parametrize(
    "path",
    ["name.zh", "name.en", "definition.zh", "definition.en", "proof.zh", "proof.en"],
)
def test_no_two_diseases_share_a_text(path: str) -> None:
    counted = Counter(texts(disease)[path] for disease in DISEASES)

    assert [text for text, times in counted.items() if times > 1] == []


def test_the_texts_fit_their_columns() -> None:
    assert max(len(disease["code"]) for disease in DISEASES) <= 80
    assert max(len(disease["name"]["zh"]) for disease in DISEASES) <= 80
    assert max(len(disease["name"]["en"]) for disease in DISEASES) <= 120


def test_the_register_has_the_agreed_columns() -> None:
    assert HEADER == [
        *("code", "name", "aliases", "province", "city", "region_code"),
        *("grade", "ownership", "valid_from", "valid_to", "source"),
    ]
    assert {len(line) for line in LINES} == {len(HEADER)}


@pytest.mark.parametrize(
    "hospital",
    HOSPITALS,
    ids=[f"{row['code']}@{row['valid_from']}" for row in HOSPITALS],
)
def test_a_hospital_is_well_formed(hospital: dict[str, str]) -> None:
    assert all(hospital[column] for column in ("code", "name", "province", "city", "source"))
    assert re.fullmatch(r"[1-9]\d{5}", hospital["region_code"])
    assert re.fullmatch(r"([123][ABC])?", hospital["grade"])
    assert hospital["ownership"] in {"public", "private"}
    assert not hospital["aliases"] or all(alias.strip() for alias in hospital["aliases"].split("|"))
    assert hospital["name"] not in hospital["aliases"].split("|")
    valid_from = date.fromisoformat(hospital["valid_from"])
    assert not hospital["valid_to"] or date.fromisoformat(hospital["valid_to"]) >= valid_from


def test_the_periods_of_one_hospital_do_not_overlap() -> None:
    periods: dict[str, list[tuple[str, str]]] = {}
    for row in HOSPITALS:
        periods.setdefault(row["code"], []).append((row["valid_from"], row["valid_to"] or "9999-12-31"))

    for code, spans in periods.items():
        spans.sort()
        assert all(before[1] < after[0] for before, after in pairwise(spans)), code


def test_a_name_or_alias_leads_to_one_hospital() -> None:
    codes: dict[str, set[str]] = {}
    for row in HOSPITALS:
        for name in [row["name"], *filter(None, row["aliases"].split("|"))]:
            codes.setdefault(name, set()).add(row["code"])

    assert {name: owners for name, owners in codes.items() if len(owners) > 1} == {}


def test_the_register_shows_every_kind_of_hospital_that_the_certificate_rule_tells_apart() -> None:
    kinds = {(row["grade"][:1], row["ownership"]) for row in HOSPITALS}

    assert {
        ("3", "public"),
        ("2", "public"),
        ("1", "public"),
        ("", "public"),
        ("3", "private"),
        ("2", "private"),
    } <= kinds


def test_only_made_up_hospitals_are_samples() -> None:
    samples = {row["name"] for row in HOSPITALS if row["source"] == "sample"}

    assert samples == {row["name"] for row in HOSPITALS if row["name"].startswith("示例")}
    assert all(row["grade"] == "3A" for row in HOSPITALS if row["name"] not in samples)
