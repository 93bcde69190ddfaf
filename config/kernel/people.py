"""Who did something, and when: fields and constraints that every app writes alike."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


def who_and_when(name: str, who: str, when: str) -> models.CheckConstraint:
    """A person never comes without the time, nor a time without the person."""
    return models.CheckConstraint(
        name=name,
        condition=Q(**{f"{who}__isnull": True, f"{when}__isnull": True})
        | Q(**{f"{who}__isnull": False, f"{when}__isnull": False}),
    )


def person(label: Any) -> models.ForeignKey[Any, Any]:
    """A member of staff who did something to the case."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=label
    )
