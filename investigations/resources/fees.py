"""The columns of an agency's fee sheet."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from import_export import fields, resources

from config.kernel.cells import plain
from config.kernel.civil import civil_date
from investigations.models import Commission


class FeeSheetResource(resources.Resource):
    """One line a commission that earned a fee in the month: texts, days, the fee in yuan as a number."""

    case = fields.Field(column_name=_("Case number"))
    agency = fields.Field(column_name=_("Agency"))
    kind = fields.Field(column_name=_("Kind"))
    sent_on = fields.Field(column_name=_("Sent out on"))
    ended_on = fields.Field(column_name=_("Finished on"))
    fee_yuan = fields.Field(column_name=_("Fee (yuan)"))

    def dehydrate_case(self, row: Commission) -> str:
        return plain(row.claim.number)

    def dehydrate_agency(self, row: Commission) -> str:
        return plain(row.agency.name)

    def dehydrate_kind(self, row: Commission) -> str:
        return plain(row.get_kind_display())

    def dehydrate_sent_on(self, row: Commission) -> date:
        return civil_date(row.sent_at)

    def dehydrate_ended_on(self, row: Any) -> date:
        return civil_date(row.ended_at)

    def dehydrate_fee_yuan(self, row: Any) -> Decimal | str:
        """Empty where no fee was agreed: somebody has to look, and nothing is not zero."""
        return "" if row.fee is None else Decimal(row.fee).scaleb(-2)


FORMATS: dict[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By the ending of the file."""


def written(lines: Iterable[Commission], ending: str) -> bytes:
    """A fee sheet as a file; CSV is UTF-8 with its mark, by which spreadsheet programs know it."""
    data = FeeSheetResource().export(lines)
    if ending == "xlsx":
        workbook: bytes = data.export("xlsx", escape=True)
        return workbook
    return str(data.export("csv")).encode("utf-8-sig")
