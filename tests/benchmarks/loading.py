"""A million members with Chinese names, their memberships, cases, deadlines and events, out of one case, by SQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models

from claims.models import Claim, ClaimEvent, Deadline
from members.models import Disease, Member, Membership
from tests.benchmarks.copies import columns_of, tidy, unguarded

TABLES: tuple[type[models.Model], ...] = (Member, Membership, Claim, Deadline, ClaimEvent)

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂文辉力健世广志义兴良海山仁波宁贵福生龙元全国胜学祥才发武新利清飞"
    "彬富顺信子成康星光天达安岩中茂进林有坚和彪博诚先敬震振壮会思群豪心邦承乐绍功松善厚庆民友裕河哲江浩亮政谦亨奇固"
    "之轮翰朗伯宏言若鸣朋斌梁栋维启克伦翔旭鹏泽晨辰士以建家致树炎德行时泰盛雄琛钧冠策腾楠榕风航弘小漫雨嘉欣怡梦琪婷"
)

MEMBERS = """
INSERT INTO members_member (id, name, id_number_index, phone_index, bank_card_index, {columns})
SELECT {first} + n,
       substr(%(surnames)s, 1 + (length(%(surnames)s) * power(abs(hashint4(n)) / 2147483648.0, 2))::int, 1)
           || substr(%(given)s, 1 + abs(hashint4(n + 1)) %% length(%(given)s), 1)
           || CASE WHEN n %% 6 = 0 THEN '' ELSE substr(%(given)s, 1 + abs(hashint4(-n)) %% length(%(given)s), 1) END,
       sha256(('id' || n)::bytea), sha256(('phone' || n)::bytea), sha256(('card' || n)::bytea), {columns}
FROM members_member, generate_series(1, %(rows)s) n WHERE id = %(member)s
"""
MEMBERSHIPS = """
INSERT INTO members_membership (id, member_id, {columns})
SELECT {first} + n, %(first_member)s + n, {columns}
FROM members_membership, generate_series(1, %(rows)s) n WHERE id = %(membership)s
"""
CLAIMS = """
WITH days AS (
    SELECT n, timestamptz '2023-11-01 09:00+08' + n * (interval '1080 days' / %(rows)s) AS reported_at,
           abs(hashint4(n)) %% 1000 AS share
    FROM generate_series(1, %(rows)s) n
), steps AS (
    SELECT *, CASE WHEN share < 780 THEN 'closed' WHEN share < 880 THEN 'paid' WHEN share < 950 THEN 'rejected'
                   WHEN share < 990 THEN 'withdrawn' WHEN share < 993 THEN 'reviewing'
                   WHEN share < 995 THEN 'collecting' WHEN share < 997 THEN 'publicised'
                   WHEN share < 999 THEN 'deciding' ELSE 'reported' END AS step
    FROM days
)
INSERT INTO claims_claim (id, number, membership_id, state, state_since, reported_at, disease, cause, decided_fen,
                          published_by_id, published_at, ground, ended_at, {columns})
SELECT {first} + n,
       'MA' || to_char(steps.reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD-') || lpad(n::text, 6, '0'),
       %(first_membership)s + n, step, steps.reported_at + share * interval '2 hours', steps.reported_at,
       (%(diseases)s::text[])[1 + share * share %% cardinality(%(diseases)s::text[])],
       CASE WHEN share %% 20 = 0 THEN 'accident' ELSE 'illness' END,
       CASE WHEN step IN ('paid', 'publicised') THEN 3000000 END,
       CASE WHEN step IN ('paid', 'publicised') THEN reported_by_id END,
       CASE WHEN step IN ('paid', 'publicised') THEN steps.reported_at END,
       CASE WHEN step = 'rejected' THEN 'LATE_REPORT' ELSE '' END,
       CASE WHEN step IN ('closed', 'withdrawn') THEN steps.reported_at END, {columns}
FROM claims_claim, steps WHERE id = %(claim)s
"""
DEADLINES = """
INSERT INTO claims_deadline (id, claim_id, due_at, status, closed_at, {columns})
SELECT {first} + loaded.id - %(first_claim)s, loaded.id, state_since + interval '30 days',
       CASE WHEN state IN ('reviewing', 'collecting', 'deciding') THEN 'open' ELSE 'cancelled' END,
       CASE WHEN state IN ('reviewing', 'collecting', 'deciding') THEN NULL ELSE state_since END, {columns}
FROM (SELECT id, state, state_since FROM claims_claim WHERE id > %(first_claim)s) loaded,
     (SELECT {columns} FROM claims_deadline WHERE claim_id = %(claim)s ORDER BY id LIMIT 1) one
"""
EVENTS = """
INSERT INTO claims_claimevent (id, claim_id, at, {columns})
SELECT {first} + loaded.id - %(first_claim)s, loaded.id, loaded.reported_at, {columns}
FROM (SELECT id, reported_at FROM claims_claim WHERE id > %(first_claim)s) loaded,
     (SELECT {columns} FROM claims_claimevent WHERE claim_id = %(claim)s ORDER BY id LIMIT 1) one
"""
REMADE = {
    Member: (MEMBERS, ("name", "id_number_index", "phone_index", "bank_card_index")),
    Membership: (MEMBERSHIPS, ("member_id",)),
    Claim: (
        CLAIMS,
        (
            *("number", "membership_id", "state", "state_since", "reported_at", "disease", "cause", "decided_fen"),
            *("published_by_id", "published_at", "ground", "ended_at"),
        ),
    ),
    Deadline: (DEADLINES, ("claim_id", "due_at", "status", "closed_at")),
    ClaimEvent: (EVENTS, ("claim_id", "at")),
}
"""The statement that fills a table, and the columns that it does not copy."""


def load(claim: Claim, rows: int) -> None:
    """`rows` members, each with a membership, a case of the last three years, a deadline and an event.

    One case of a hundred is open, as where a thousand are decided a day.
    """
    first = {model: _last_id(model) for model in TABLES}
    values = {
        "rows": rows,
        "surnames": SURNAMES,
        "given": GIVEN,
        "diseases": list(Disease.objects.values_list("code", flat=True)) or ["malignant_tumor"],
        "member": claim.membership.member_id,
        "membership": claim.membership_id,
        "claim": claim.pk,
        "first_member": first[Member],
        "first_membership": first[Membership],
        "first_claim": first[Claim],
    }
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        for model in TABLES:
            statement, remade = REMADE[model]
            with unguarded(model), _without_indexes(model):
                cursor.execute(statement.format(columns=columns_of(model, "id", *remade), first=first[model]), values)
            table = model._meta.db_table
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
    tidy(*TABLES)


def _last_id(model: type[models.Model]) -> int:
    last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
    return last or 0


@contextmanager
def _without_indexes(model: type[models.Model]) -> Iterator[None]:
    """Indexes that no constraint needs are made anew after the rows are there: several times as fast."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = %s::regclass AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)",
            [model._meta.db_table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
