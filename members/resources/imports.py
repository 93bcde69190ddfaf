"""The registers that cases are judged by: hospitals and diseases."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from config.kernel.importing import columns
from config.kernel.importing.columns import Column, Unfit
from config.kernel.importing.importers import Row, importable
from config.kernel.importing.upserting import Upserting
from members.enums import DefinitionSource, DiseaseClass, Ownership
from members.models import Disease, Hospital

OWNERSHIP_NAMES = {"公立": "public", "民营": "private"}
CLASS_NAMES = {"重度": "severe", "轻度": "mild", "其他": "further"}
SOURCE_NAMES = {"2020规范": "2020", "2007规范": "2007", "计划自定": "plan"}
GRADES = {f"{level}{degree}": f"{number}{degree}" for number, level in enumerate("一二三", 1) for degree in "ABC"} | {
    f"{level}级{name}等": f"{number}{degree}"
    for number, level in enumerate("一二三", 1)
    for degree, name in zip("ABC", "甲乙丙", strict=True)
}


def grade(cell: Any) -> str:
    """1A to 3C, or 三级甲等."""
    text = str(cell).strip().upper()
    code = GRADES.get(text, text)
    if len(code) != 2 or code[0] not in "123" or code[1] not in "ABC":
        raise Unfit(gettext_noop("must be 1A to 3C, or empty when not graded."))
    return code


def other_names(cell: Any) -> list[str]:
    """Names separated by |."""
    return [name.strip() for name in str(cell).replace("｜", "|").split("|") if name.strip()]


def region(cell: Any) -> str:
    """Six digits."""
    code = columns.words(6)(cell)
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        raise Unfit(gettext_noop("has six digits."))
    return str(code)


def slug(cell: Any) -> str:
    """Small letters, digits and underscores, as the terms of covenants name diseases."""
    code = str(columns.words(80)(cell))
    if not (code.isascii() and code.replace("_", "").replace("-", "").isalnum()):
        raise Unfit(gettext_noop("has letters, digits and underscores only."))
    return code


@importable
class HospitalImporter(Upserting):
    kind = "hospitals"
    title = _("Hospitals")
    about = _("Each row is a hospital as it was graded in a period. Found by its code and the first day of the period.")
    permission = "members.import_hospital"
    model = Hospital
    keys = ("code", "valid_from")
    most_rows = 50_000

    code = Column("医院代码", "Code", columns.typed(40), needed=True, example="420106A001")
    name = Column("医院名称", "Name", columns.words(120), needed=True, example="武汉大学人民医院")
    aliases = Column("别名", "Other names", other_names, _("Separated by |."), blank=[], example="湖北省人民医院")
    province = Column("省", "Province", columns.words(40), needed=True, example="湖北")
    city = Column("市", "City", columns.words(40), needed=True, example="武汉")
    region_code = Column("行政区划代码", "Region code", region, _("Six digits."), needed=True, example="420106")
    grade = Column("等级", "Grade", grade, _("1A to 3C, or 三级甲等; empty when not graded."), example="3A")
    ownership = Column(
        "举办主体", "Ownership", columns.one_of(Ownership, names=OWNERSHIP_NAMES), needed=True, example="公立"
    )
    valid_from = Column("有效期自", "Valid from", columns.day, needed=True, example="2020-01-01")
    valid_to = Column("有效期至", "Valid to", columns.day, _("The last day; empty while it is valid."), blank=None)
    source = Column("来源", "Source", columns.words(80), needed=True, example="国家卫生健康委员会")

    def check(self, row: Row) -> None:
        last: date | None = row.values["valid_to"]
        if last is not None and last < row.values["valid_from"]:
            self.fault(row, "valid_to", gettext_noop("lies before the first day."))


@importable
class DiseaseImporter(Upserting):
    kind = "diseases"
    title = _("Diseases")
    about = _(
        "Each row is an illness of the catalogue, found by its code. What a covenant covers is not changed by it."
    )
    permission = "members.import_disease"
    model = Disease
    keys = ("code",)
    most_rows = 5_000

    code = Column("疾病代码", "Code", slug, needed=True, example="malignant_tumor")
    number = Column("序号", "Number", columns.number, _("Each its own."), needed=True, example="1")
    disease_class = Column(
        "类别", "Class", columns.one_of(DiseaseClass, names=CLASS_NAMES), needed=True, example="重度"
    )
    source = Column(
        "定义来源",
        "Source of the definition",
        columns.one_of(DefinitionSource, names=SOURCE_NAMES),
        needed=True,
        example="2020规范",
    )
    name_zh = Column("中文名称", "Chinese name", columns.words(80), needed=True, example="恶性肿瘤——重度")
    name_en = Column("英文名称", "English name", columns.words(120), needed=True, example="Malignant tumour")
    name_2007 = Column("2007版名称", "Name of 2007", columns.words(80))
    icd10 = Column("ICD-10", "ICD-10 hint", columns.words(80))
    definition_zh = Column("中文定义", "Chinese definition", columns.words(5_000), needed=True)
    definition_en = Column("英文定义", "English definition", columns.words(5_000), needed=True)
    proof_zh = Column("中文证明材料", "Chinese proof", columns.words(5_000))
    proof_en = Column("英文证明材料", "English proof", columns.words(5_000))

    def check(self, row: Row) -> None:
        if not 0 < row.values["number"] < 32_768:
            self.fault(row, "number", gettext_noop("lies between 1 and 32767."))

    def judge(self, rows: Sequence[Row]) -> None:
        """Numbers are unique, too: among the rows, and beside those that are there."""
        super().judge(rows)
        taken = dict(Disease.objects.values_list("number", "code"))
        for row in (row for row in rows if not row.faults):
            number, code = row.values["number"], row.values["code"]
            if taken.setdefault(number, code) != code:
                self.fault(row, "number", gettext_noop("is the number of another illness."))
