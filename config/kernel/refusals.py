"""The word "no": a typed refusal with a stable code, said in the reader's language."""

from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.kernel.display import said


class Refusal(Exception):
    """A move that is not possible, for a reason its reader can act on.

    `code` is stable and public; `sentence` may change; the facts are attributes, so nobody has to read the text.
    """

    code: ClassVar[str]
    sentence: ClassVar[str | Promise]

    def __init__(self, **data: Any) -> None:
        super().__init__()
        self.data = data
        self.__dict__.update(data)

    def __str__(self) -> str:
        return str(self.sentence) % {name: said(fact) for name, fact in self.data.items()}


class WrongState(Refusal):
    code = "WRONG_STATE"
    sentence = _("The case is in the step “%(state)s”, where this is not possible.")


class NotPermitted(Refusal):
    code = "NOT_PERMITTED"
    sentence = _("This is done by: %(who)s.")


class SamePerson(Refusal):
    code = "SAME_PERSON"
    sentence = _("A different person has to do this: you did “%(did)s” before.")

    def __str__(self) -> str:
        """With who else could, where whoever refuses knows it (`who`)."""
        could = _("Somebody else can: %(who)s.") % self.data if self.data.get("who") else ""
        return f"{super().__str__()} {could}".strip()


class OverAuthority(Refusal):
    code = "OVER_AUTHORITY"
    sentence = _("The amount of %(amount)s is above your limit of %(limit)s: a supervisor has to do this.")


class InvalidInput(Refusal):
    code = "INVALID_INPUT"
    sentence = _("%(field)s: %(why)s")


class Stale(Refusal):
    code = "STALE"
    sentence = _("Meanwhile somebody else changed this case: %(what)s. Look at it again before you go on.")


class Busy(Refusal):
    code = "BUSY"
    sentence = _("Somebody else is working on this case at this very moment. Try again in a few seconds.")
