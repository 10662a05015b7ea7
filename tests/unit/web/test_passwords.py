"""Passwords: right ones pass, and time tells nobody who exists."""

from __future__ import annotations

import bcrypt
import pytest

from pronoia.web import passwords
from pronoia.web.passwords import PasswordChecker

CHEAP = bcrypt.hashpw(b"open", bcrypt.gensalt(4))
COSTLY = bcrypt.hashpw(b"sesame", bcrypt.gensalt(5))
USERS = {"ali": CHEAP, "baba": COSTLY}


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The hashes that were really compared with."""
    calls: list[bytes] = []

    def compare(password: bytes, expected: bytes) -> bool:
        calls.append(expected)
        return bcrypt.checkpw(password, expected)

    monkeypatch.setattr(passwords, "_matches", compare)
    return calls


def test_each_user_has_their_own_password() -> None:
    checker = PasswordChecker()
    assert checker.is_right(USERS, "ali", b"open")
    assert checker.is_right(USERS, "baba", b"sesame")
    assert not checker.is_right(USERS, "ali", b"sesame")
    assert not checker.is_right(USERS, "ali", b"")


def test_a_stranger_costs_as_much_as_the_costliest_user_and_never_passes(checked: list[bytes]) -> None:
    assert not PasswordChecker().is_right(USERS, "kassim", b"sesame")
    assert checked == [COSTLY]


def test_an_answer_is_remembered_right_or_wrong(checked: list[bytes]) -> None:
    checker = PasswordChecker()
    for _ in range(3):
        assert checker.is_right(USERS, "ali", b"open")
        assert not checker.is_right(USERS, "ali", b"wrong")
    assert len(checked) == 2


def test_a_changed_password_is_not_remembered_from_before() -> None:
    checker = PasswordChecker()
    assert checker.is_right(USERS, "ali", b"open")
    changed = {"ali": bcrypt.hashpw(b"new", bcrypt.gensalt(4))}
    assert not checker.is_right(changed, "ali", b"open")


def test_memory_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_matches", lambda *_: False)
    checker = PasswordChecker()
    for number in range(1000):
        checker.is_right(USERS, "ali", str(number).encode())
    assert len(checker._remembered) <= 100


def test_what_bcrypt_does_not_take_is_wrong_and_no_error() -> None:
    assert not PasswordChecker().is_right(USERS, "ali", b"nul\x00byte")
    assert not PasswordChecker().is_right(USERS, "ali", b"x" * 10_000)
