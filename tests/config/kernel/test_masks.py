import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel import masks


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("吴小漫", "吴*漫"),
        ("吴漫", "吴*"),
        ("欧阳小漫", "欧**漫"),
        ("欧阳漫", "欧*漫"),
        ("阿卜杜·热合曼", "阿*****曼"),
        ("吴", "*"),
        (" 吴小漫 ", "吴*漫"),
        ("John Smith", "J*** S***"),
        ("Wu", "W***"),
        ("", ""),
    ],
)
def test_a_name_keeps_its_ends(full, shown):
    assert masks.name(full) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("13800138000", "138****8000"), ("02787654321x", "****1x"), ("110", "****")]
)
def test_a_phone_number_keeps_its_ends(number, shown):
    assert masks.phone(number) == shown


def test_an_id_number_hides_the_birth_date():
    assert masks.id_number("11010519491231002X") == "110105********002X"


def test_a_card_keeps_its_last_four_digits():
    assert masks.bank_card("6222021234567890128") == "****0128"


@given(st.sampled_from([masks.name, masks.phone, masks.id_number, masks.bank_card]), st.text())
def test_no_value_breaks_a_mask(mask, text):
    assert isinstance(mask(text), str)


@given(
    st.sampled_from([masks.phone, masks.id_number, masks.bank_card]),
    st.from_regex("[0-9]{1,20}", fullmatch=True).filter(str.isascii),
)
def test_a_mask_never_shows_most_of_a_number(mask, number):
    shown = sum(sign != "*" for sign in mask(number))

    assert shown == 0 or shown <= len(number) * 2 // 3
