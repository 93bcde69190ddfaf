"""Made-up people: accounts for every role, and members who join through the same service as everybody."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django_otp.plugins.otp_totp.models import TOTPDevice

from claims.replaying.casting import Cast
from claims.replaying.play import ELSEWHERE, REGIONS
from claims.replaying.registry import extras, props
from config.kernel import models
from config.kernel.civil import SHANGHAI, add_months, civil_date
from config.kernel.identity import has_luhn_digit, make_resident_id
from config.kernel.models import User
from members.enums import Sex
from members.models import Member, Membership, Plan
from members.services import dues, joining

PASSWORD = "mutual-aid-demo"
"""Of every demo account; it opens nothing but made-up data on a machine's own address."""

SECOND_FACTOR = b"mutual-aid-demo-desk"
"""The key of every demo investigator's second factor: as public as the password, and as useless elsewhere."""

STAFF = {
    "intake": ("周敏", "何立"),
    "reviewer": ("沈秋", "陆远", "唐宁", "顾青", "韩雪", "许诚"),
    "supervisor": ("方正", "罗兰"),
    "finance": ("钱程", "孟洁", "白羽"),
    "auditor": ("石坚",),
    "administrator": ("江帆",),
}
TEAMS = {"一组": ("reviewer-1", "reviewer-2", "reviewer-3"), "二组": ("reviewer-4", "reviewer-5")}
"""Each team, its lead first; the last reviewer is in none."""

MEMBERS = 240  # a multiple of the number of plans, see objector_to
SURNAMES = "王李张刘陈杨赵黄吴徐孙胡朱高林郭马梁宋郑"
GIVEN = (
    "小漫",
    "建平",
    "玉兰",
    "志远",
    "雨桐",
    "国栋",
    "晓燕",
    "文博",
    "海涛",
    "秀英",
    "思齐",
    "立新",
    "佳宁",
    "永福",
    "若溪",
)
PLANS = ("qingsong", "qingsong", "xianghu", "meituan")  # half of the members are in the first
TIERS_YUAN = (100_000, 50_000, 100_000, 300_000)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a story needs of its member; None leaves it to the member's number. Ages and days are counted from today.

    `card_of` is the number of the member whose bank card this one has, too.
    """

    age: int | None = None
    joined_ago: int | None = None
    tier_yuan: int | None = None
    owes_fen: int = 0
    card_of: int | None = None


class Team(Cast):
    """The demo's own accounts take turns; each case begins with another one, so that everybody has something to do."""

    def __init__(self, start: int) -> None:
        super().__init__()
        self._start = start

    def next(self, role: str) -> User:
        turn = self._start + self._called[role]
        self._called[role] += 1
        return User.objects.get(username=f"{role}-{turn % len(STAFF[role]) + 1}")


def open_accounts() -> dict[str, list[str]]:
    """The usernames of each role; whoever is there already keeps his password, unless he has none."""
    password = make_password(PASSWORD)
    accounts: dict[str, list[str]] = {}
    for role, names in STAFF.items():
        group = Group.objects.get(name=role)
        accounts[role] = [f"{role}-{number}" for number in range(1, len(names) + 1)]
        for username, name in zip(accounts[role], names, strict=True):
            user, _created = User.objects.get_or_create(
                username=username, defaults={"display_name": name, "password": "!"}
            )
            _let_in(user, password)
            user.groups.add(group)
    _make_teams()
    for set_up in (*props, *extras):
        set_up()
    investigators = list(User.objects.filter(groups__name="investigator").order_by("username"))
    for user in investigators:
        _let_in(user, password, at_the_desk=False)
        TOTPDevice.objects.get_or_create(
            user=user, confirmed=True, defaults={"name": "demo", "key": SECOND_FACTOR.hex()}
        )
    return accounts | {"investigator": [user.username for user in investigators]}


def _make_teams() -> None:
    """A person who is in a team already stays there."""
    for name, usernames in TEAMS.items():
        people = {user.username: user for user in User.objects.filter(username__in=usernames)}
        team, _created = models.Team.objects.get_or_create(name=name, defaults={"lead": people[usernames[0]]})
        for user in people.values():
            if user.team_id is None:
                user.team = team
                user.save(update_fields=["team"])


def _let_in(user: User, password: str, *, at_the_desk: bool = True) -> None:
    if not user.has_usable_password():
        user.password, user.is_staff = password, at_the_desk
        user.save(update_fields=["password", "is_staff"])


def admit(numbers: Iterable[int], wishes: dict[int, Wish], *, now: datetime) -> Iterator[bool]:
    """The members of these numbers join, those that are not there yet; yields whether each was new."""
    phones = {number: phone_of(number) for number in numbers}
    known = set(Member.objects.filter(phone__in=phones.values()).values_list("phone", flat=True))
    plans = {plan.code: plan for plan in Plan.objects.all()}
    by = User.objects.get(username="intake-1")
    for number, phone in phones.items():
        if phone not in known:
            _admit(number, wishes.get(number, Wish()), plans[plan_of(number)], by=by, now=now)
        yield phone not in known


def objector_to(number: int) -> Membership:
    """A member of the same plan who has no case: one of the last."""
    return membership_of(MEMBERS - len(PLANS) + number % len(PLANS))


def membership_of(number: int) -> Membership:
    """The membership of the member of that number."""
    return Membership.objects.select_related("member", "plan").get(member__phone=phone_of(number))


def plan_of(number: int) -> str:
    """The code of that member's plan."""
    return PLANS[number % len(PLANS)]


def phone_of(number: int) -> str:
    """What a demo member is known again by."""
    return f"1990000{number:04}"


def _admit(number: int, wish: Wish, plan: Plan, *, by: User, now: datetime) -> None:
    today = civil_date(now)
    age = 25 + number * 7 % 31 if wish.age is None else wish.age
    joined_ago = 240 + number * 37 % 700 if wish.joined_ago is None else wish.joined_ago
    sex = Sex.FEMALE if number % 2 else Sex.MALE
    region = (*REGIONS, "河北")[number % (len(REGIONS) + 1)]
    birth = add_months(today, -12 * age) - timedelta(days=number * 11 % 300 + 1)
    applicant = joining.Applicant(
        name=SURNAMES[number % len(SURNAMES)] + GIVEN[number // len(SURNAMES) % len(GIVEN)],
        sex=sex,
        birth_date=birth,
        region=region,
        id_number=make_resident_id(REGIONS.get(region, ELSEWHERE), birth, 2 * (number % 500) + (sex == Sex.MALE)),
        phone=phone_of(number),
        bank_card=_card_of(number if wish.card_of is None else wish.card_of),
        email=f"member{number:03}@example.org" if number % 3 == 0 else "",
    )
    joined_on = today - timedelta(days=joined_ago)
    membership = joining.admit(
        plan,
        applicant,
        tier_fen=100 * (wish.tier_yuan or TIERS_YUAN[number // 2 % len(TIERS_YUAN)]),
        declared={},
        documents=("exam_report",),
        by=by,
        at=datetime(joined_on.year, joined_on.month, joined_on.day, 8 + number % 14, number % 60, tzinfo=SHANGHAI),
    )
    _owe(membership, number, wish, joined_on, now=now)


def _owe(membership: Membership, number: int, wish: Wish, joined_on: date, *, now: datetime) -> None:
    """Every fourth member has two shares of the last months, half of these have paid; a wish for arrears is owed."""
    first = civil_date(now).replace(day=14)
    due = [day for months in (3, 2) if (day := add_months(first, -months)) > joined_on]
    for day in due if number % 4 == 0 else ():
        dues.owe(membership, due_on=day, fen=200 + number % 90)
    if number % 8 == 0:
        dues.settle(membership, due_from=joined_on, due_before=civil_date(now), at=now)
    if wish.owes_fen and due:
        dues.owe(membership, due_on=due[0], fen=wish.owes_fen)


def _card_of(number: int) -> str:
    """A well-formed card number of a bank that does not exist."""
    body = f"62000000000{number:07}"
    return next(body + digit for digit in "0123456789" if has_luhn_digit(body + digit))
