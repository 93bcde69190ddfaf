"""The columns of the kernel's own registers."""

from django.utils.translation import gettext_lazy as _

from config.kernel.exporting import Day, Flag, Sheet, Text, register
from config.kernel.models import Absence, CalendarDay

REGISTER = "kernel.export_register"


class CalendarSheet(Sheet):
    name, title, model, permission = "calendar", _("Calendar days"), CalendarDay, REGISTER

    day = Day(_("Day"), "day")
    day_name = Text(_("Name"), "name")
    is_working = Flag(_("Working day"), "is_working")
    is_statutory = Flag(_("Statutory day off"), "is_statutory")
    source = Text(_("Source"), "source", width=40)


class AbsenceSheet(Sheet):
    name, title, model, permission = "absences", _("Absences"), Absence, REGISTER

    user = Text(_("Who is away"), "user__display_name")
    first_day = Day(_("First day"), "first_day")
    last_day = Day(_("Last day"), "last_day")
    note = Text(_("Note"), "note")


for sheet in (CalendarSheet, AbsenceSheet):
    register(sheet)
