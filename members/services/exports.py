"""Telling people what became of their exports, and whom an export waits for."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from config.kernel.exporting.jobs import AGREE
from config.kernel.models import Export, ExportStatus
from config.kernel.permissions import holders
from members.services.messages import post


def untold() -> QuerySet[Export]:
    """Those that came to an end, or wait for a second person, and of which nobody was told."""
    return Export.objects.filter(
        Q(finished_at__isnull=False) | Q(status=ExportStatus.WAITING, asked_told_at__isnull=True), told_at__isnull=True
    )


def tell(export_id: int, *, at: datetime) -> int:
    """One message of each kind, in the transaction that notes it; 0 where another was first."""
    with transaction.atomic():
        export = untold().select_for_update(of=("self",), skip_locked=True).filter(pk=export_id).first()
        if export is None:
            return 0
        if export.finished_at is None:
            _ask_others(export, at=at)
            export.asked_told_at = at
        else:
            _tell_asker(export, at=at)
            export.told_at = at
        export.save()
    return 1


def _tell_asker(export: Export, *, at: datetime) -> None:
    if export.status == ExportStatus.READY:
        facts = {"rows": export.done, "until": export.expires_at}
        post("export_ready", user=export.asked_by, about=str(export), facts=facts, at=at)
    elif export.status in (ExportStatus.FAILED, ExportStatus.DECLINED):
        post("export_failed", user=export.asked_by, about=str(export), at=at)


def _ask_others(export: Export, *, at: datetime) -> None:
    was_held_back = export.events.filter(verb="grow").exists()
    for user in holders(AGREE).exclude(pk=export.asked_by_id):
        post("export_grown" if was_held_back else "export_asked", user=user, about=str(export), at=at)
