"""Whether a bundle of evidence is what was exported: `python -m investigations.verify BUNDLE.zip [--key KEY.hex]`.

It needs this one file, Python 3.11 and the package `cryptography`: no database, no settings, no network. It says which
file or custody entry was changed, added or removed, and ends with 0 (untouched), 1 (touched) or 2 (not a bundle).

A bundle holds `manifest.json`, `manifest.sig` (64 bytes, Ed25519 over the bytes of the manifest), `public.key` (32
bytes), `custody.json` (the whole log), `files/…` and `reports/…` (each version as it was signed). The manifest names
each file with its size, SHA-256 and SM3, each report with its SHA-256, and the number and hash of the log's last entry.
A custody entry's hash is the SHA-256 of its canonical JSON (keys in order, no spaces, UTF-8) without the hash itself;
it includes the hash of the entry before.
"""

import argparse
import hashlib
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

MANIFEST, SIGNATURE, KEY, CUSTODY = "manifest.json", "manifest.sig", "public.key", "custody.json"
PARTS = (MANIFEST, SIGNATURE, KEY, CUSTODY)
NOTHING_BEFORE = "0" * 64
"""What the first entry of a log carries in place of a hash."""

CHUNK = 1024 * 1024
LARGEST_PART = 64 * 1024 * 1024
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
"""What reading a damaged archive ends in."""
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
"""What reading JSON ends in that no export wrote."""


class NoBundle(Exception):
    """It cannot be read as a bundle at all."""


def canonical(value: Any) -> bytes:
    """One way to write a value as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def hash_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 of a custody entry, which includes the hash of the one before."""
    return hashlib.sha256(canonical({name: said for name, said in entry.items() if name != "hash"})).hexdigest()


def faults_of_chain(entries: Sequence[Mapping[str, Any]], *, commission: int) -> list[str]:
    """What is wrong with a log: entries changed, removed, exchanged, or of another commission."""
    faults, previous, number = [], NOTHING_BEFORE, 0
    for entry in entries:
        named = entry.get("number")
        if entry.get("commission") != commission:
            faults.append(f"custody entry {named}: belongs to another commission")
        if named != number + 1:
            faults.append(f"custody entry {number + 1}: missing or out of place (entry {named} stands there)")
        elif entry.get("previous") != previous:
            faults.append(f"custody entry {named}: does not follow from the entry before it")
        if entry.get("hash") != hash_of(entry):
            faults.append(f"custody entry {named}: was changed")
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
    yield from (f"{name}: is there twice" for name in sorted({name for name in names if names.count(name) > 1}))
    parts = {name: _part(bundle, name) for name in PARTS}
    if missing := [name for name, data in parts.items() if data is None]:
        yield from (f"{name}: is missing or damaged" for name in missing)
        return
    manifest_bytes, signature, own_key, log_bytes = (parts[name] or b"" for name in PARTS)
    yield from _faults_of_signature(manifest_bytes, signature, own_key, key)
    try:
        manifest = json.loads(manifest_bytes)
        files, reports = manifest["files"], manifest["reports"]
        known = {*PARTS, *(part["path"] for part in (*files, *reports))}
    except MALFORMED:
        yield f"{MANIFEST}: cannot be read"
        return
    yield from (f"{name}: is not in the manifest" for name in names if name not in known)
    for file in files:
        yield from _faults_of_file(bundle, file)
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
    if path not in bundle.namelist():
        yield f"{path}: was removed"
        return
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
    custody, files, reports = manifest["custody"], manifest["files"], manifest["reports"]
    if hashlib.sha256(data).hexdigest() != custody["sha256"]:
        yield f"{CUSTODY}: was changed"
    try:
        entries = json.loads(data)
        yield from faults_of_chain(entries, commission=manifest["commission"])
        received = {entry["exhibit"]: entry["details"]["sha256"] for entry in entries if entry["act"] == "received"}
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
    for file in files:
        if received.get(file["exhibit"]) != file["sha256"]:
            yield f"{file['path']}: is not the file that was received"
    if signed != {report["version"]: report["sha256"] for report in reports}:
        yield f"{MANIFEST}: the reports are not those that were signed"


def _part(bundle: zipfile.ZipFile, name: str) -> bytes | None:
    try:
        return bundle.read(name) if bundle.getinfo(name).file_size <= LARGEST_PART else None
    except (KeyError, *BROKEN):
        return None


def _key(text: str) -> bytes:
    key = bytes.fromhex(text)
    if len(key) != 32:
        raise ValueError(text)
    return key


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m investigations.verify", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("bundle", help="the zip file that was exported")
    parser.add_argument("--key", type=_key, help="the public key, 64 hexadecimal digits, from a source that is trusted")
    said = parser.parse_args(arguments)
    try:
        faults = faults_of_bundle(said.bundle, key=said.key)
    except NoBundle as error:
        print(f"This is no bundle: {error}", file=sys.stderr)
        return 2
    print("\n".join(faults) if faults else "Untouched: every file and every custody entry is as it was exported.")
    if said.key is None:
        print("The key was taken from the bundle itself: ask the plan for its public key, and give it with --key.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
