"""The columns of an agency's fee sheet."""

import csv
import io
from collections.abc import Iterable

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import resources

from claims.enums import ProcedureKind
from config.kernel.exporting import CivilDay, Code, Money, Text, choices, small_workbook
from config.kernel.exporting.columns import guarded
from investigations.models import Commission


class FeeSheetResource(resources.Resource):
    """One line a commission that earned a fee in the month: texts, days, the fee in yuan as a number.

    It is empty where no fee was agreed: somebody has to look, and nothing is not zero.
    """

    case = Text(_("Case number"), "claim__number")
    agency = Text(_("Agency"), "agency__name", width=28)
    kind = Code(_("Kind"), "kind", choices(ProcedureKind))
    sent_on = CivilDay(_("Sent out on"), "sent_at")
    ended_on = CivilDay(_("Finished on"), "ended_at")
    fee_yuan = Money(_("Fee (yuan)"), "fee")


FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the ending of the file."""


def written(lines: Iterable[Commission], ending: str) -> bytes:
    """A fee sheet as a file; CSV is UTF-8 with its mark, by which spreadsheet programs know it."""
    sheet = FeeSheetResource()
    rows = sheet.export(lines)
    if ending == "xlsx":
        return small_workbook(capfirst(gettext("fee sheet")), list(sheet.fields.values()), rows)
    out = io.StringIO(newline="")
    csv.writer(out).writerows(
        [guarded(cell) if isinstance(cell, str) else cell for cell in row] for row in (rows.headers, *rows)
    )
    return out.getvalue().encode("utf-8-sig")
