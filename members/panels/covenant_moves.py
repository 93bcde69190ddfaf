"""What can be done on the page of a covenant: any version is copied, a draft is written, published or thrown away."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config.kernel.forms import Blank
from config.kernel.models import User
from config.kernel.pages import Move, add_moves
from config.kernel.permissions import may
from members.forms import drafts
from members.models import Covenant
from members.services import drafting
from members.services.plans import check_lies_ahead, check_not_written_by


def is_draft(covenant: Covenant) -> bool:
    return covenant.published_at is None


def wrote_none_of_it(covenant: Covenant, *, by: User, at: datetime) -> None:
    check_not_written_by(covenant, by=by)


def begins_later(covenant: Covenant, *, by: User, at: datetime) -> None:
    check_lies_ahead(covenant.in_force_from, at=at)


def nothing_refers(covenant: Covenant, *, by: User, at: datetime) -> None:
    drafting.check_is_unused(covenant)


def copy(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    return drafting.copy(covenant.pk, said["name"], in_force_from=said["in_force_from"], by=by, at=at)


def rename(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    return drafting.rename(
        covenant.pk,
        said.get("name", ""),
        in_force_from=said.get("in_force_from") or covenant.in_force_from,
        digest=said["digest"],
        by=by,
        at=at,
    )


def set_terms(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    return drafting.set_terms(covenant.pk, said["changes"], digest=said["digest"], by=by, at=at)


def set_clause(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    number, digest = said["number"], said["digest"]
    if said.get("remove"):
        return drafting.remove_clause(covenant.pk, number, digest=digest, by=by, at=at)
    texts, led = {"zh": said.get("zh", ""), "en": said.get("en", "")}, said.get("terms", [])
    return drafting.set_clause(covenant.pk, number, texts, terms=led, digest=digest, by=by, at=at)


def set_questions(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    return drafting.set_questions(covenant.pk, said["questions"], digest=said["digest"], by=by, at=at)


def publish(covenant: Covenant, said: dict[str, Any], *, by: User, at: datetime, version: int | None) -> Covenant:
    return drafting.publish(covenant.pk, digest=said["digest"], by=by, at=at)


def discard(covenant: Covenant, said: Any, *, by: User, at: datetime, version: int | None) -> None:
    drafting.discard(covenant.pk, by=by, at=at)


def page_of(covenant: Covenant) -> str:
    return reverse("admin:members_covenant_change", args=[covenant.pk])


def list_of(nothing: None) -> str:
    return reverse("admin:members_covenant_changelist")


MAY_DRAFT = (may("members.draft_covenant"),)

add_moves(
    Covenant,
    Move(
        name="copy",
        label=_("Draft a new version from this one"),
        consequence=_("A draft is made that says the same. It binds nobody until somebody else publishes it."),
        form=drafts.Copy,
        perform=copy,
        checks=MAY_DRAFT,
        arrive=page_of,
    ),
    Move(
        name="terms",
        label=_("Change terms"),
        consequence=_("Only what you change is written. Whoever changes a draft does not publish it."),
        form=drafts.Terms,
        perform=set_terms,
        when=is_draft,
        checks=MAY_DRAFT,
    ),
    Move(
        name="clause",
        label=_("Change or add a clause"),
        consequence=_("The figures in a text do not follow the terms: write both. Whoever does, does not publish."),
        form=drafts.Clause,
        perform=set_clause,
        when=is_draft,
        checks=MAY_DRAFT,
    ),
    Move(
        name="questions",
        label=_("Change the health questions"),
        consequence=_("They are asked of whoever joins under this version; members who joined before are not asked."),
        form=drafts.Questions,
        perform=set_questions,
        when=is_draft,
        checks=MAY_DRAFT,
    ),
    Move(
        name="rename",
        label=_("Change name or first day"),
        consequence=_("A version begins after the day of its publication."),
        form=drafts.Rename,
        perform=rename,
        when=is_draft,
        checks=MAY_DRAFT,
    ),
    Move(
        name="publish",
        label=_("Publish"),
        consequence=_(
            "The version never changes again. From its first day on it binds whoever joins, and whoever consents to it;"
            " other members keep the version that they have."
        ),
        form=drafts.Publish,
        perform=publish,
        when=is_draft,
        checks=(may("members.publish_covenant"), wrote_none_of_it, begins_later),
        harsh=True,
    ),
    Move(
        name="discard",
        label=_("Throw the draft away"),
        consequence=_("The draft and the list of its changes are gone for good."),
        form=Blank,
        perform=discard,
        when=is_draft,
        checks=(*MAY_DRAFT, nothing_refers),
        arrive=list_of,
        harsh=True,
    ),
)
