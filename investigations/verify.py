"""Whether a bundle of evidence is what was exported: `python -m investigations.verify BUNDLE.zip [--key KEY.hex]`.

It needs this one file, Python 3.11 and the package `cryptography`: no database, no settings, no network. It says which
file or custody entry was changed, added or removed, and ends with
0 untouched, 1 touched, 2 nothing to check (no bundle, or asked wrongly), 3 consistent in itself but without `--key`, so
that anybody may have signed it, 4 what was given as the key is none.

A bundle holds `manifest.json`, `manifest.sig` (64 bytes, Ed25519 over the bytes of the manifest), `public.key` (32
bytes), `custody.json` (the whole log), `files/…` and `reports/…` (each version as it was signed). The manifest names
each exhibit that was received, in `files` with its path or in `without_content`, with its size, SHA-256 and SM3, each
report with its SHA-256, and the number and hash of the log's last entry.
A custody entry's hash is the SHA-256 of its canonical JSON (keys in order, no spaces, UTF-8) without the hash itself;
it includes the hash of the entry before. What the investigator and the file say of an exhibit is in the manifest, with
a salt; the log holds the hash of both. An entry's time is never earlier than that of the one before.
"""

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SIGNATURE, KEY, CUSTODY = "manifest.json", "manifest.sig", "public.key", "custody.json"
FORMAT = 1
PARTS = (MANIFEST, SIGNATURE, KEY, CUSTODY)
NOTHING_BEFORE = "0" * 64
"""What the first entry of a log carries in place of a hash."""

AS_RECEIVED = ("name", "size", "sha256", "sm3")
"""What the log says of a file that was received, and the manifest again."""
JUDGED = ("scanned", "checked", "refused")
"""Entries after which a file is no longer in quarantine."""

CHUNK = 1024 * 1024
LARGEST_PART = 64 * 1024 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a damaged archive ends in."""
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading JSON ends in that no export wrote."""


CHINESE = {
    "belongs to another commission": "属于另一项委托",
    "missing or out of place": "缺失或位置不对",
    "does not follow from the entry before it": "与上一条不衔接",
    "is earlier than the entry before it": "时间早于上一条",
    "was changed": "已被改动",
    "was changed (it cannot be read to its end)": "已被改动(无法读到结尾)",
    "was removed": "已被移除",
    "was changed or removed": "已被改动或移除",
    "is missing or damaged": "缺失或损坏",
    "is there twice": "出现两次",
    "is not in the manifest": "不在清单中",
    "cannot be read": "无法读取",
    "is not what an export writes": "不是导出时写成的样子",
    "is of a format that this program does not know": "格式版本为本程序所不识",
    "is not the key that was given": "不是所给的公钥",
    "the signature does not fit it": "签名与其不符",
    "were removed from the end, or others before": "末尾被移除,或之前的被移除",
    "is not the last one, as the manifest says": "不是清单所说的最后一条",
    "is listed twice": "在清单中列了两次",
    "was received twice, as the log says": "保管记录显示收到两次",
    "is listed, and the log does not say that it was received": "列在清单中,但保管记录未载明收到",
    "was received, and is in no list of the manifest": "已收到,但清单中没有",
    "is not as it was received": "与收到时不同",
    "what was said of it is not what the log holds": "所述内容与保管记录不符",
    "the log says something else of whether it was taken": "是否收取,与保管记录不符",
    "the reports are not those that were signed": "报告不是当时签署的报告",
}
"""Every sentence that is said of a part, an exhibit or an entry."""


class NoBundle(Exception):
    """It cannot be read as a bundle at all."""


def canonical(value: Any) -> bytes:
    """One way to write a value as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 of a custody entry, which includes the hash of the one before."""
    return hashlib.sha256(canonical({name: said for name, said in entry.items() if name != "hash"})).hexdigest()


def hash_of_words(salt: str, said: Mapping[str, Any]) -> str:
    """What the log holds of what the investigator, or the file, says: nobody can try out a place without the salt."""
    return hashlib.sha256(canonical({"salt": salt, **said})).hexdigest()


def faults_of_chain(entries: Sequence[Mapping[str, Any]], *, commission: int) -> list[str]:
    """What is wrong with a log: entries changed, removed, exchanged, or of another commission."""
    faults, previous, number, at = [], NOTHING_BEFORE, 0, ""
    for entry in entries:
        named = entry.get("number")
        if entry.get("commission") != commission:
            faults.append(f"custody entry {named}: belongs to another commission")
        if named != number + 1:
            faults.append(f"custody entry {number + 1}: missing or out of place")
        elif entry.get("previous") != previous:
            faults.append(f"custody entry {named}: does not follow from the entry before it")
        if entry.get("hash") != hash_of(entry):
            faults.append(f"custody entry {named}: was changed")
        if str(entry.get("at", "")) < at:
            faults.append(f"custody entry {named}: is earlier than the entry before it")
        at = str(entry.get("at", ""))
        number = named if isinstance(named, int) else number + 1
        previous = entry.get("hash", "")
    return faults


def faults_of_bundle(path: str, *, key: bytes | None = None) -> list[str]:
    """Everything that is wrong with a bundle; empty for one that is untouched. `key` is the 32 bytes of the public key.

    NoBundle where there is nothing to check.
    """
    found: list[str] = []
    try:
        with zipfile.ZipFile(path) as bundle:
            for fault in _faults(bundle, key):
                found.append(fault)  # noqa: PERF402  (what was found before it broke counts)
    except MALFORMED:
        found.append(f"{MANIFEST}: is not what an export writes")
    except BROKEN as error:
        raise NoBundle(f"{path}: {error}") from error
    return found


def _faults(bundle: zipfile.ZipFile, key: bytes | None) -> Iterator[str]:
    names = bundle.namelist()
    yield from (f"{name}: is there twice" for name, count in sorted(Counter(names).items()) if count > 1)
    parts = {name: _part(bundle, name) for name in PARTS}
    if missing := [name for name, data in parts.items() if data is None]:
        yield from (f"{name}: is missing or damaged" for name in missing)
        return
    manifest_bytes, signature, own_key, log_bytes = (parts[name] or b"" for name in PARTS)
    yield from _faults_of_signature(manifest_bytes, signature, own_key, key)
    try:
        manifest = json.loads(manifest_bytes)
        files, reports = manifest["files"], manifest["reports"]
        is_known = manifest["format"] == FORMAT
        known = {*PARTS, *(part["path"] for part in (*files, *reports))}
    except MALFORMED:
        yield f"{MANIFEST}: cannot be read"
        return
    if not is_known:
        yield f"{MANIFEST}: is of a format that this program does not know"
        return
    yield from (f"{name}: is not in the manifest" for name in names if name not in known)
    present = frozenset(names)
    for file in files:
        yield from _faults_of_file(bundle, file) if file["path"] in present else (f"{file['path']}: was removed",)
    for report in reports:
        if hashlib.sha256(_part(bundle, report["path"]) or b"").hexdigest() != report["sha256"]:
            yield f"{report['path']}: was changed or removed"
    yield from _faults_of_log(log_bytes, manifest)


def _faults_of_signature(manifest: bytes, signature: bytes, own_key: bytes, key: bytes | None) -> Iterator[str]:
    if key is not None and own_key != key:
        yield f"{KEY}: is not the key that was given"
    try:
        Ed25519PublicKey.from_public_bytes(key or own_key).verify(signature, manifest)
    except (InvalidSignature, ValueError):
        yield f"{MANIFEST}: the signature does not fit it"


def _faults_of_file(bundle: zipfile.ZipFile, file: Mapping[str, Any]) -> Iterator[str]:
    path, size, sha256, sm3 = file["path"], 0, hashlib.sha256(), hashes.Hash(hashes.SM3())
    try:
        with bundle.open(path) as content:
            while data := content.read(CHUNK):
                size += len(data)
                sha256.update(data)
                sm3.update(data)
    except BROKEN:
        yield f"{path}: was changed (it cannot be read to its end)"
        return
    if (size, sha256.hexdigest(), sm3.finalize().hex()) != (file["size"], file["sha256"], file["sm3"]):
        yield f"{path}: was changed"


def _faults_of_log(data: bytes, manifest: Mapping[str, Any]) -> Iterator[str]:
    custody, reports = manifest["custody"], manifest["reports"]
    if hashlib.sha256(data).hexdigest() != custody["sha256"]:
        yield f"{CUSTODY}: was changed"
    try:
        entries = json.loads(data)
        yield from faults_of_chain(entries, commission=manifest["commission"])
        yield from _faults_of_lists(entries, manifest)
        signed = {
            entry["details"]["version"]: entry["details"]["sha256"] for entry in entries if entry["act"] == "signed"
        }
        last = (entries[-1]["number"], entries[-1]["hash"]) if entries else (0, NOTHING_BEFORE)
    except MALFORMED:
        yield f"{CUSTODY}: cannot be read"
        return
    if len(entries) < custody["entries"]:
        yield f"custody entries {len(entries) + 1} to {custody['entries']}: were removed from the end, or others before"
    if last != (custody["entries"], custody["last"]):
        yield f"custody entry {custody['entries']}: is not the last one, as the manifest says"
    if signed != {report["version"]: report["sha256"] for report in reports}:
        yield f"{MANIFEST}: the reports are not those that were signed"


def _faults_of_lists(entries: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any]) -> Iterator[str]:
    """Each file that was received is in one of the two lists, once, as it was received and as it was judged."""
    listed = [(file, "path" in file) for file in (*manifest["files"], *manifest["without_content"])]
    received = {entry["exhibit"]: entry["details"] for entry in entries if entry["act"] == "received"}
    counted = Counter(entry["exhibit"] for entry in entries if entry["act"] == "received")
    named = Counter(file["exhibit"] for file, _has_content in listed)
    yield from (f"exhibit {one}: was received twice, as the log says" for one, count in counted.items() if count > 1)
    yield from (f"exhibit {one}: is listed twice" for one, count in named.items() if count > 1)
    yield from (f"exhibit {one}: was received, and is in no list of the manifest" for one in received.keys() - named)
    acts = {(entry["exhibit"], entry["act"]): entry["details"] for entry in entries}
    for file, has_content in listed:
        one = file["exhibit"]
        if one not in received:
            yield f"exhibit {one}: is listed, and the log does not say that it was received"
            continue
        if any(file[name] != received[one][name] for name in AS_RECEIVED):
            yield f"exhibit {one}: is not as it was received"
        if any(told != hash_of_words(file["salt"], file[words]) for words, told in _words_of(one, acts)):
            yield f"exhibit {one}: what was said of it is not what the log holds"
        if file["state"] != _state(one, acts) or has_content != (file["state"] == "clean"):
            yield f"exhibit {one}: the log says something else of whether it was taken"


def _words_of(exhibit: int, acts: Mapping[tuple[int, str], Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """The hashes of what was said of a file, each with where the manifest has the words."""
    yield "claimed", acts[exhibit, "received"]["claimed"]
    yield from (("recorded", acts[exhibit, act]["recorded"]) for act in JUDGED if (exhibit, act) in acts)


def _state(exhibit: int, acts: Collection[tuple[int, str]]) -> str:
    """What became of a file, by the log."""
    judged = [act for act in JUDGED if (exhibit, act) in acts]
    return "refused" if "refused" in judged else "clean" if judged else "quarantined"


def _part(bundle: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        return bundle.read(name) if bundle.getinfo(name).file_size <= LARGEST_PART else None
    except (KeyError, *BROKEN):
        return None


def _key(text: str) -> bytes:
    """32 bytes; ValueError for what is no key."""
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError(text)
    return key


def _said(fault: str) -> str:
    """A fault in both languages; a name from the bundle writes no line and moves no cursor."""
    where, _colon, what = fault.rpartition(": ")
    plain = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in where)
    return f"{plain}: {what} {CHINESE[what]}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m investigations.verify", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("bundle", help="the zip file that was exported")
    parser.add_argument("--key", help="the public key, 64 hexadecimal digits, from a source that is trusted")
    said = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # it is a text stream
    try:
        key = None if said.key is None else _key(said.key)
    except ValueError:
        print("The key is not a key: it has 64 hexadecimal digits. 公钥有误:应为 64 位十六进制数。", file=sys.stderr)
        return 4
    try:
        faults = faults_of_bundle(said.bundle, key=key)
    except NoBundle as error:
        print(f"This is no bundle. 这不是证据包。 {error}", file=sys.stderr)
        return 2
    if faults:
        print("\n".join(map(_said, faults)))
        return 1
    if key is None:
        print("Consistent in itself; who signed it is unknown. 内容前后一致;签名人未知。")
        print("Ask the plan for its public key, and give it with --key. 请向互助平台索取公钥,用 --key 给出后再核验。")
        return 3
    print("Untouched: every file and every custody entry is as it was exported. 未被改动:文件和保管记录与导出时一致。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
