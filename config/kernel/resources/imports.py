"""The columns of the kernel's own tables as spreadsheets have them."""

from typing import Any

from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from config.kernel.importing import columns
from config.kernel.importing.columns import Column
from config.kernel.importing.importers import Row, importable
from config.kernel.importing.upserting import Upserting
from config.kernel.models import CalendarDay


@importable
class HolidayImporter(Upserting):
    kind = "holidays"
    title = _("Holidays and worked weekends")
    about = _("Each row is a day that differs from plain Monday to Friday. A day that is there is set anew.")
    permission = "kernel.import_calendarday"
    model = CalendarDay
    keys = ("day",)
    portion = 1_000
    most_rows = 5_000

    day = Column("日期", "Day", columns.day, needed=True, example="2027-10-01")
    is_working = Column(
        "是否上班",
        "Worked",
        columns.yes_or_no,
        _("是 for a weekend that is worked, 否 for a day off."),
        needed=True,
        example="否",
    )
    is_statutory = Column(
        "是否法定节假日", "Statutory day off", columns.yes_or_no, _("Empty means no."), blank=False, example="是"
    )
    name = Column("名称", "Name", columns.words(40), needed=True, example="国庆节")

    def check(self, row: Row) -> None:
        if row.values["is_working"] and row.values["is_statutory"]:
            self.fault(row, "is_statutory", gettext_noop("a statutory day off is not worked."))

    def more(self) -> dict[str, Any]:
        """Like a day that was entered by hand, it is no longer overwritten by the files that ship."""
        source = gettext("entered by hand by %(user)s") % {"user": self.by.get_username()}
        return {"source": source[:80]}
