"""The desk: how every page of the admin behaves, and the pages of the kernel's own tables."""

from config.kernel.admin.accounts import AbsenceAdmin, CalendarDayAdmin, GroupAdmin, OutboxAdmin, TeamAdmin, UserAdmin
from config.kernel.admin.base import DeskAdmin, ReadOnlyAdmin
from config.kernel.admin.exports import ExportAdmin, ExportScheduleAdmin
from config.kernel.admin.imports import ImportAdmin
from config.kernel.admin.paging import PageAdmin
from config.kernel.admin.searching import PeopleAdmin

__all__ = [
    "AbsenceAdmin",
    "CalendarDayAdmin",
    "DeskAdmin",
    "ExportAdmin",
    "ExportScheduleAdmin",
    "GroupAdmin",
    "ImportAdmin",
    "OutboxAdmin",
    "PageAdmin",
    "PeopleAdmin",
    "ReadOnlyAdmin",
    "TeamAdmin",
    "UserAdmin",
]
