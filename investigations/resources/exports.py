"""The columns of the lists of investigations."""

from django.utils.translation import gettext_lazy as _

from claims.enums import ProcedureKind
from config.kernel.exporting import Code, Moment, Number, Sheet, Text, choices, register
from investigations.enums import CommissionState, Conclusion, DeclineReason
from investigations.models import Agency, Commission, Report

EXPORT = "investigations.export_commission"


class CommissionSheet(Sheet):
    name, title, model, permission = "commissions", _("Commissions"), Commission, EXPORT

    case = Text(_("Case number"), "claim__number")
    kind = Code(_("Kind"), "kind", choices(ProcedureKind))
    agency = Text(_("Agency"), "agency__name", width=28)
    state = Code(_("State"), "state", choices(CommissionState))
    sent_by = Text(_("Sent by"), "sent_by__display_name")
    sent_at = Moment(_("Sent at"), "sent_at")
    due_at = Moment(_("Due at"), "deadline__due_at")
    taken_at = Moment(_("Taken on at"), "taken_at")
    accepted_by = Text(_("Report accepted by"), "accepted_by__display_name")
    accepted_at = Moment(_("Report accepted at"), "accepted_at")
    declined_at = Moment(_("Declined at"), "declined_at")
    decline_code = Code(_("Declined because"), "decline_code", choices(DeclineReason))
    closed_at = Moment(_("Closed at"), "closed_at")


class AgencySheet(Sheet):
    name, title, model, permission = "agencies", _("Agencies"), Agency, EXPORT

    agency = Text(_("Name"), "name", width=28)
    uscc = Text(_("Unified social credit code"), "uscc")
    region = Text(_("Region"), "region")
    capacity = Number(_("Commissions at a time"), "capacity")


class ReportSheet(Sheet):
    name, title, model, permission = "reports", _("Investigation reports"), Report, EXPORT

    case = Text(_("Case number"), "commission__claim__number")
    agency = Text(_("Agency"), "commission__agency__name", width=28)
    version = Number(_("Version"), "version")
    conclusion = Code(_("Conclusion"), "conclusion", choices(Conclusion), permission="claims.view_material")
    filed_by = Text(_("Filed by"), "filed_by__display_name")
    filed_at = Moment(_("Filed at"), "filed_at")
    returned_at = Moment(_("Sent back at"), "returned_at")
    digest = Text(_("SHA-256 of what was signed"), "digest")


for sheet in (CommissionSheet, AgencySheet, ReportSheet):
    register(sheet)
