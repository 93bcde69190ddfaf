"""Numbers kept private: AES-256-GCM tokens and keyed blind indexes.

A token is `version | length of key id | key id | nonce | ciphertext and tag`. It names the key that made it, so keys
can be changed one value at a time, and it is bound to its column, so a token moved to another column does not open.
`settings.FIELD_KEYS` is `id:base64,id2:base64…`: the first key encrypts, all of them decrypt.
`settings.BLIND_INDEX_KEY` is base64; every column has a key of its own derived from it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from config.kernel.keyboard import compact

_VERSION = 1
_NONCE = 12
_TAG = 16
_KEY_ID = re.compile(r"[A-Za-z0-9_.-]{1,32}")


class BadKeys(Exception):
    """The keys in the settings are not usable; the text says why, without the key."""


class Unreadable(Exception):
    """A stored value that does not open; `where` is its `table.column`."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where


class UnknownKey(Unreadable):
    """The token names a key that is not in FIELD_KEYS any more."""

    def __init__(self, where: str, key_id: str) -> None:
        super().__init__(where, f"no key “{key_id}”")
        self.key_id = key_id


class DamagedValue(Unreadable):
    """The token was changed, cut, or moved here from another column."""

    def __init__(self, where: str) -> None:
        super().__init__(where, "the stored value is damaged or belongs to another column")


@dataclass(frozen=True, repr=False)
class Keyring:
    """The keys by id, the one that encrypts by name."""

    current: str
    keys: Mapping[str, AESGCM]

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """From `id:base64,id2:base64…` with 32 bytes a key; anything else is BadKeys."""
        keys: dict[str, AESGCM] = {}
        for entry in text.split(","):
            key_id, _, secret = entry.strip().partition(":")
            if not _KEY_ID.fullmatch(key_id):
                raise BadKeys("FIELD_KEYS: an entry is `id:base64`")
            if key_id in keys:
                raise BadKeys(f"FIELD_KEYS: two keys are called “{key_id}”")
            keys[key_id] = AESGCM(_secret(secret, f"FIELD_KEYS “{key_id}”"))
        return cls(current=next(iter(keys)), keys=keys)

    @cached_property
    def header(self) -> bytes:
        """How every token of the current key begins."""
        return bytes([_VERSION, len(self.current)]) + self.current.encode()

    def encrypt(self, text: str, *, where: str) -> bytes:
        """A new token for `text`, bound to the column `where`."""
        return self.seal(text.encode(), where=where)

    def decrypt(self, token: bytes, *, where: str) -> str:
        """The text of a token; UnknownKey or DamagedValue when it does not open."""
        return self.open(token, where=where).decode()

    def seal(self, data: bytes, *, where: str) -> bytes:
        """A new token for these bytes, bound to `where`."""
        nonce = os.urandom(_NONCE)
        return self.header + nonce + self.keys[self.current].encrypt(nonce, data, where.encode())

    @staticmethod
    def length_within(size: int, *, head: bytes) -> int:
        """How many bytes a token of `size` holds, by the first two of it; negative for what is none."""
        return size - 2 - (head[1] if len(head) > 1 else 0) - _NONCE - _TAG

    def open(self, token: bytes, *, where: str) -> bytes:
        """The bytes of a token; UnknownKey or DamagedValue when it does not open."""
        start = 2 + token[1] if len(token) > 1 else 2
        if len(token) < start + _NONCE + _TAG or token[0] != _VERSION:
            raise DamagedValue(where)
        key_id = token[2:start].decode("ascii", "replace")
        if key_id not in self.keys:
            raise UnknownKey(where, key_id)
        nonce, sealed = token[start : start + _NONCE], token[start + _NONCE :]
        try:
            return self.keys[key_id].decrypt(nonce, sealed, where.encode())
        except InvalidTag:
            raise DamagedValue(where) from None


def keyring() -> Keyring:
    """The keys of the settings."""
    return _keyring(settings.FIELD_KEYS)


def encrypt(text: str, *, where: str) -> bytes:
    """A token under the first key; `where` is `table.column`."""
    return keyring().encrypt(text, where=where)


def decrypt(token: bytes, *, where: str) -> str:
    """The text of a token; raises Unreadable."""
    return keyring().decrypt(token, where=where)


def rotate(token: bytes, *, where: str) -> bytes:
    """The token itself when the first key made it, else a new one under the first key; raises Unreadable."""
    keys = keyring()
    return token if token.startswith(keys.header) else keys.encrypt(keys.decrypt(token, where=where), where=where)


def blind(text: str, *, where: str) -> bytes:
    """32 bytes that are equal for equal numbers of one column, and say nothing without the key.

    The number is compared as `keyboard.compact` writes it: width, case, spaces and dashes make no difference.
    """
    return hmac.digest(_index_key(settings.BLIND_INDEX_KEY, where), compact(text).encode(), hashlib.sha256)


def derived_key(purpose: str) -> bytes:
    """32 bytes for one purpose, which stay the same when the keys of FIELD_KEYS are changed."""
    secret = _secret(settings.BLIND_INDEX_KEY, "BLIND_INDEX_KEY")
    return hmac.digest(secret, b"key for " + purpose.encode(), hashlib.sha256)


@lru_cache(maxsize=8)
def _keyring(text: str) -> Keyring:
    return Keyring.parse(text)


@lru_cache(maxsize=256)
def _index_key(text: str, where: str) -> bytes:
    return hmac.digest(_secret(text, "BLIND_INDEX_KEY"), b"blind index of " + where.encode(), hashlib.sha256)


def _secret(text: str, name: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadKeys(f"{name}: not base64") from None
    if len(secret) != 32:
        raise BadKeys(f"{name}: a key has 32 bytes, not {len(secret)}")
    return secret
