"""Who may do what: one group a role, with explicit permissions. Apps are named in strings, as the ground does."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext_lazy as _

VIEW_CASES = (
    "members.view_member",
    "members.view_membership",
    "members.view_declaration",
    "members.view_consent",
    "members.view_share",
    "members.view_message",
    "members.view_plan",
    "members.view_covenant",
    "members.view_disease",
    "members.view_hospital",
    "members.view_joiningcorrection",
    "claims.view_claim",
    "claims.view_material",
    "claims.view_assessment",
    "claims.view_claimevent",
    "claims.view_publicity",
    "claims.view_objection",
    "claims.view_appeal",
    "claims.view_deadline",
    "claims.view_reminder",
    "claims.view_procedure",
    "claims.view_letter",
    "claims.view_evidence",
    "claims.view_assignment",
    "claims.view_trial",
    "investigations.view_agency",
    "investigations.view_commission",
    "investigations.view_report",
    "investigations.view_authorisation",
    "kernel.view_calendarday",
)
VIEW_MONEY = ("payouts.view_payout", "payouts.view_posting", "payouts.view_leg")

EXPORTS = (
    "kernel.view_export",
    "kernel.add_export",
    "kernel.view_exportschedule",
)

FEES = ("investigations.view_feeagreement", "investigations.view_feesheet", "investigations.download_fee_sheet")

QUALITY = ("claims.view_quality", "claims.view_secondlook", "claims.view_drawing", "claims.view_monthlyreport")

NAMES = {
    "intake": _("intake"),
    "reviewer": _("a reviewer"),
    "supervisor": _("a supervisor"),
    "investigator": _("an investigator"),
    "finance": _("finance"),
    "auditor": _("an auditor"),
    "administrator": _("an administrator"),
    "system": _("the system itself"),
}

ROLES: dict[str, tuple[str, ...]] = {
    "intake": (
        *VIEW_CASES,
        "members.admit_member",
        "claims.report_claim",
        "claims.submit_material",
        "claims.record_objection",
        "claims.record_appeal",
        "claims.withdraw_claim",
        "claims.deliver_letter",
        "claims.reveal_number",
        "claims.import_claim",
        "kernel.view_import",
        "investigations.record_authorisation",
    ),
    "reviewer": (
        *VIEW_CASES,
        "claims.review_claim",
        "claims.decide_claim",
        "claims.return_claim",
        "claims.resolve_objection",
        "claims.decide_appeal",
        "claims.take_claim",
        "claims.judge_material",
        "claims.record_evidence",
        "claims.deliver_letter",
        "claims.reveal_number",
        "claims.take_second_look",
        "claims.view_secondlook",
        "members.recheck_health",
        "members.record_breach",
        "investigations.view_exhibit",
        "investigations.commission_investigation",
        "investigations.accept_report",
    ),
    "supervisor": (
        *VIEW_CASES,
        *VIEW_MONEY,
        *QUALITY,
        "claims.draw_sample",
        "claims.take_second_look",
        "claims.settle_second_look",
        "claims.review_claim",
        "claims.decide_claim",
        "claims.decide_any_amount",
        "claims.return_claim",
        "claims.resolve_objection",
        "claims.decide_appeal",
        "claims.waive_late_report",
        "claims.lapse_claim",
        "claims.reopen_claim",
        "claims.close_claim",
        "claims.take_claim",
        "claims.judge_material",
        "claims.record_evidence",
        "claims.deliver_letter",
        "claims.reveal_number",
        "claims.assign_claim",
        "claims.view_reading",
        *EXPORTS,
        "kernel.export_clear",
        "kernel.agree_export",
        "kernel.view_all_exports",
        "kernel.export_register",
        "claims.export_claim",
        "members.export_member",
        "investigations.export_commission",
        "payouts.export_payout",
        "claims.view_figures",
        "claims.watch_deadline",
        "claims.pause_deadline",
        "claims.extend_deadline",
        "kernel.view_team",
        "kernel.view_absence",
        "kernel.add_absence",
        "kernel.change_absence",
        "members.correct_joining",
        "members.recheck_health",
        "members.record_breach",
        "members.publish_covenant",
        "members.draft_covenant",
        "members.import_covenant",
        "members.import_member",
        "kernel.view_import",
        "investigations.view_exhibit",
        "investigations.export_custody",
        "investigations.commission_investigation",
        "investigations.accept_report",
        "investigations.reassign_commission",
        "investigations.declare_conflict",
        "investigations.view_conflict",
        *FEES,
        "investigations.agree_fee",
    ),
    "investigator": ("investigations.file_report",),  # on pages of its own: it has none of the desk's
    "finance": (
        *VIEW_MONEY,
        "claims.view_claim",
        "payouts.prepare_payout",
        "payouts.approve_payout",
        "payouts.release_payout",
        "payouts.record_bank_return",
        *EXPORTS,
        "payouts.export_payout",
        "investigations.view_agency",
        *FEES,
    ),
    "auditor": (
        *VIEW_CASES,
        *VIEW_MONEY,
        *EXPORTS,
        "kernel.view_all_exports",
        "kernel.export_register",
        "claims.export_claim",
        "members.export_member",
        "investigations.export_commission",
        "payouts.export_payout",
        *QUALITY,
        "investigations.view_conflict",
        "investigations.view_feeagreement",
        "investigations.view_feesheet",
        "claims.view_reading",
        "claims.view_figures",
        "claims.watch_deadline",
        "investigations.view_exhibit",
        "kernel.view_absence",
        "kernel.view_team",
        "kernel.view_user",
        "kernel.view_outbox",
        "kernel.view_import",
        "kernel.view_all_imports",
        "auth.view_group",
    ),
    "administrator": (
        "kernel.view_user",
        "kernel.add_user",
        "kernel.change_user",
        "kernel.view_team",
        "kernel.add_team",
        "kernel.change_team",
        "kernel.view_calendarday",
        "kernel.add_calendarday",
        "kernel.change_calendarday",
        "kernel.view_outbox",
        "auth.view_group",
        "members.view_hospital",
        "members.add_hospital",
        "members.change_hospital",
        "members.import_hospital",
        "members.import_disease",
        "kernel.import_calendarday",
        "kernel.view_import",
        "investigations.view_agency",
        "investigations.add_agency",
        "investigations.change_agency",
        "investigations.view_investigator",
        "investigations.add_investigator",
        "investigations.change_investigator",
    ),
    "system": ("claims.run_sweeps",),
}


def sync_roles(sender: AppConfig, **kwargs: Any) -> None:
    """After an app's permissions exist, give each role what is its own in that app.

    An app without any permission is not migrated yet (`migrate members` alone): its turn comes.
    """
    ours = {role: [name for name in names if name.startswith(f"{sender.label}.")] for role, names in ROLES.items()}
    known = {
        f"{sender.label}.{permission.codename}": permission
        for permission in Permission.objects.filter(content_type__app_label=sender.label)
    }
    for role, names in ours.items():
        group, _created = Group.objects.get_or_create(name=role)
        if not known:
            continue
        if missing := [name for name in names if name not in known]:
            raise LookupError(f"Role {role} names permissions that do not exist: {missing}")
        group.permissions.remove(*[known[name] for name in known if name not in names])
        group.permissions.add(*[known[name] for name in names])


def who_has(permission: str) -> str:
    """The roles that hold a permission, as a reader would name them."""
    return "/".join(str(NAMES[role]) for role, names in ROLES.items() if permission in names) or str(_("nobody"))
