"""Messages to members and staff: a row, read in its reader's language, and an e-mail where there is an address."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import get_language, gettext, override

from config.kernel import outbox
from config.kernel.bell import ring_bell
from config.kernel.civil import last_day
from config.kernel.display import day, said, yuan
from config.kernel.models import Outbox, User
from members.enums import Recipient
from members.models import Member, Message
from members.services.templates import FOOTER, GREETING, TEMPLATES, Template

TOPIC = "message"


def post(
    template: str,
    *,
    to: Recipient | None = None,
    member: Member | None = None,
    user: User | None = None,
    about: str = "",
    facts: Mapping[str, Any] | None = None,
    by_email: bool = True,
    at: datetime,
) -> Message:
    """Leave a message to a member, to one person of staff or to a role (`to`), about the case of that number.

    It goes by e-mail too where there is an address, unless that is not wanted (`by_email`).

    Facts are codes, dates, amounts in fen, lists of codes, codes by code, never names or numbers of persons. KeyError
    for a template that does not exist, ValueError when its wording needs a fact that is not there.
    """
    kept = {name: fact.isoformat() if isinstance(fact, date) else fact for name, fact in (facts or {}).items()}
    if lacking := TEMPLATES[template].facts() - set(kept):
        raise ValueError(f"The message “{template}” lacks {', '.join(sorted(lacking))}.")
    message = Message.objects.create(
        to=Recipient.MEMBER if member else to or "",
        member=member,
        user=user,
        about=about,
        template=template,
        facts=kept,
        created_at=at,
    )
    if by_email and _address(message):
        outbox.put(TOPIC, message.pk, at=at)
    else:
        ring_bell()
    return message


def render(message: Message, language: str) -> tuple[str, str]:
    """Subject and body in a language (`zh-hans`, `en`); the name is read from its row now, masked."""
    template = TEMPLATES[message.template]
    with override(language):
        words = {name: _read(template, name, fact) for name, fact in message.facts.items()}
        words |= {"about": message.about, "name": _addressee(message)}
        greeting, body = gettext(GREETING) % words, gettext(template.body) % words
        return gettext(template.subject) % words, f"{greeting}\n\n{body}"


def shown(message: Message) -> tuple[str, str]:
    """Subject and body in the language of whoever looks; of a template that is no more, its name."""
    if message.template not in TEMPLATES:
        return message.template, ""
    return render(message, get_language() or settings.LANGUAGE_CODE)


@outbox.delivers(TOPIC)
def send(item: Outbox) -> None:
    """E-mail one message. Its Message-ID is the item's, so that a second copy can be told from a second message."""
    message = Message.objects.select_related("member", "user").get(pk=item.ref)
    if not (address := _address(message)):
        return
    subject, body = render(message, settings.LANGUAGE_CODE)
    EmailMessage(subject, f"{body}\n\n{FOOTER}\n", to=[address], headers=stable_id(f"outbox-{item.pk}")).send()


def stable_id(name: str) -> dict[str, str]:
    """The header by which copies of one e-mail can be told from another e-mail."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >")
    return {"Message-ID": f"<{name}@{domain}>"}


def _address(message: Message) -> str:
    person = message.member or message.user
    return person.email if person else ""


def _addressee(message: Message) -> str:
    return str(message.member or message.user or Recipient(message.to).label)


def _read(template: Template, name: str, fact: Any) -> str:
    """One fact as its reader sees it: amounts in yuan, the last day of a deadline, codes by their words."""
    if fact is None:
        return "—"
    if isinstance(fact, dict):
        pairs = [{"what": _read(template, name, key), "why": _read(template, name, fact[key])} for key in fact]
        return gettext("; ").join(gettext("%(what)s: %(why)s") % pair for pair in pairs)
    if isinstance(fact, list):
        return gettext(", ").join(_read(template, name, part) for part in fact)
    if name == "fen":
        return yuan(fact)
    if name == "due_at":  # the first instant after the last day
        return day(last_day(datetime.fromisoformat(fact)))
    return str(template.words.get(name, {}).get(fact, said(fact)))
