"""`{% load desk %}`: dates and money in a template, as the present reader writes them. What is not there is empty."""

from datetime import date, datetime
from typing import Any

from django import template

from config.kernel import display
from config.kernel.civil import SHANGHAI

register = template.Library()


@register.filter
def day(when: date | None) -> str:
    """`{{ publicity.ends_on|day }}`"""
    return display.day(when) if when else ""


@register.filter
def moment(when: datetime | None) -> str:
    """`{{ event.at|moment }}`"""
    return display.moment(when) if when else ""


@register.filter
def clock(when: datetime) -> str:
    """`{{ kept_since|clock }}`: hours, minutes and seconds by the Shanghai clock."""
    return f"{when.astimezone(SHANGHAI):%H:%M:%S}"


@register.filter
def yuan(fen: int | None) -> str:
    """`{{ payout.net_fen|yuan }}`"""
    return "" if fen is None else display.yuan(fen)


@register.filter
def said(fact: Any) -> Any:
    """`{{ card.diagnosed_in|said }}`: a day or month that is kept as ISO text."""
    return "" if fact is None else display.said(fact)
