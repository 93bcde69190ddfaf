import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.kernel.crypto import (
    BadKeys,
    DamagedValue,
    Keyring,
    UnknownKey,
    blind,
    decrypt,
    encrypt,
    keyring,
    rotate,
)

OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
HERE = "members_member.id_number"

texts = st.text(st.characters(exclude_categories=["Cs"]))


@given(texts)
def test_what_was_sealed_opens_to_the_same_text(text):
    ring = Keyring.parse(OLD)

    assert ring.decrypt(ring.encrypt(text, where=HERE), where=HERE) == text


def test_two_tokens_of_one_text_differ_and_do_not_hold_it():
    ring = Keyring.parse(OLD)
    tokens = [ring.encrypt("11010519491231002X", where=HERE) for _ in range(2)]

    assert tokens[0] != tokens[1]
    assert all(b"11010519491231002X" not in token for token in tokens)


def test_the_first_key_encrypts_and_all_of_them_decrypt():
    token = Keyring.parse(OLD).encrypt("138", where=HERE)
    both = Keyring.parse(f"{NEW}, {OLD}")

    assert both.decrypt(token, where=HERE) == "138"
    assert both.encrypt("138", where=HERE).startswith(b"\x01\x03new")


def test_a_token_moved_to_another_column_does_not_open():
    ring = Keyring.parse(OLD)

    with pytest.raises(DamagedValue) as refused:
        ring.decrypt(ring.encrypt("138", where=HERE), where="members_member.phone")

    assert refused.value.where == "members_member.phone"


def test_a_token_with_any_byte_changed_or_cut_does_not_open():
    ring = Keyring.parse(OLD)
    token = ring.encrypt("138", where=HERE)

    for place in range(len(token)):
        changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        for bad in (changed, token[:place]):
            with pytest.raises((DamagedValue, UnknownKey)):
                ring.decrypt(bad, where=HERE)


def test_a_token_of_a_key_thrown_away_names_it():
    token = Keyring.parse(OLD).encrypt("138", where=HERE)

    with pytest.raises(UnknownKey) as refused:
        Keyring.parse(NEW).decrypt(token, where=HERE)

    assert refused.value.key_id == "old"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        "k1:",
        ":AAAA",
        "k1:not base64!",
        "k1:" + base64.b64encode(b"short").decode(),
        f"{OLD},{OLD}",
        f"{OLD},",
    ],
)
def test_keys_that_are_none_are_refused_without_being_repeated(text):
    with pytest.raises(BadKeys) as refused:
        Keyring.parse(text)

    assert text.partition(":")[2] == "" or text.partition(":")[2] not in str(refused.value)


def test_a_keyring_shows_no_keys():
    assert "nnnn" not in repr(Keyring.parse(NEW))


def test_rotation_writes_under_the_first_key_and_leaves_its_own_tokens_alone(settings):
    settings.FIELD_KEYS = OLD
    token = encrypt("138", where=HERE)
    settings.FIELD_KEYS = f"{NEW},{OLD}"

    rotated = rotate(token, where=HERE)

    assert rotated.startswith(keyring().header)
    assert not token.startswith(keyring().header)
    assert decrypt(rotated, where=HERE) == "138"
    assert rotate(rotated, where=HERE) == rotated


def test_a_blind_index_is_equal_for_one_number_however_it_is_typed():
    index = blind("11010519491231002X", where=HERE)

    assert len(index) == 32
    assert blind(" 110105 19491231-002x\u3000", where=HERE) == index
    assert blind("\uff11\uff110105\uff11949123100\uff12\uff38", where=HERE) == index
    assert blind("110105194912310021", where=HERE) != index


def test_a_blind_index_differs_between_columns_and_keys(settings):
    index = blind("13800138000", where="members_member.phone")
    assert blind("13800138000", where="members_member.bank_card") != index

    settings.BLIND_INDEX_KEY = base64.b64encode(b"3" * 32).decode()
    assert blind("13800138000", where="members_member.phone") != index
