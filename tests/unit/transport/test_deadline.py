from __future__ import annotations

import threading

from pronoia.transport.deadline import Deadline


def test_is_in_force_inside_its_block_and_its_thread_alone() -> None:
    deadline = Deadline(1)
    elsewhere: list[Deadline | None] = []
    with deadline.in_force():
        assert Deadline.current() is deadline
        other = threading.Thread(target=lambda: elsewhere.append(Deadline.current()))
        other.start()
        other.join()
    assert elsewhere == [None]
    assert Deadline.current() is None
