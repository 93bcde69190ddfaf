"""Opening a paper: who may, and that somebody did."""

from datetime import datetime, timedelta

from django.db import transaction

from claims.models import Material, PaperFile, Reading
from config.kernel.gate import busy_when_locked
from config.kernel.models import User
from config.kernel.permissions import check_permission

ONE_OPENING = timedelta(minutes=15)
"""Pages that somebody asks for within this time are one opening of the paper."""


def open_paper(claim_id: int, file_id: int, *, by: User, at: datetime) -> PaperFile:
    """A file of this case, and the note that `by` read of it; PaperFile.DoesNotExist for one of another case."""
    check_permission("claims.view_material", by)
    file = PaperFile.objects.select_related("material", "stored").get(pk=file_id, material__claim_id=claim_id)
    with busy_when_locked(), transaction.atomic():
        Material.objects.select_for_update(of=("self",), no_key=True).get(pk=file.material_id)
        kind = file.material.kind
        before = Reading.objects.filter(claim_id=claim_id, by=by, what="paper", about=kind, at__gt=at - ONE_OPENING)
        if not before.exists():
            Reading.objects.create(claim_id=claim_id, by=by, at=at, what="paper", about=kind)
    return file
