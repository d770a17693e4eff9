"""Deadlines, which one thread watches."""

import socket
import threading
import time

from oicp_conformance.deadline import Deadline


def test_each_connection_is_cut_at_its_own_time_and_one_that_has_ended_is_not() -> None:
    pairs = [socket.socketpair() for _ in range(3)]
    late, early, ended = deadlines = [Deadline(0.3), Deadline(0.1), Deadline(0.1)]
    began = time.monotonic()
    for deadline, (ours, _) in zip(deadlines, pairs, strict=True):
        deadline.__enter__()
        deadline.watch(ours)
    ended.__exit__()
    for deadline, (_, theirs), seconds in ((early, pairs[1], 0.1), (late, pairs[0], 0.3)):
        theirs.settimeout(5.0)
        assert theirs.recv(1) == b""
        assert deadline.passed
        assert time.monotonic() - began >= seconds
        deadline.__exit__()
    assert not ended.passed
    pairs[2][0].sendall(b"x")
    assert pairs[2][1].recv(1) == b"x"
    for pair in pairs:
        for one in pair:
            one.close()


def test_connection_that_is_borrowed_is_cut_and_stays_open_otherwise() -> None:
    for seconds, left in ((0.05, b""), (60.0, b"x")):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            theirs.settimeout(5.0)
            with Deadline(seconds) as deadline:
                deadline.borrow(ours)
                if not left:
                    assert theirs.recv(1) == left
            if left:
                ours.sendall(left)
                assert theirs.recv(1) == left
            assert ours.fileno() >= 0


def test_exchanges_share_one_thread() -> None:
    with Deadline(60.0):
        threads = threading.active_count()
        for _ in range(5):
            with Deadline(60.0), Deadline(30.0):
                assert threading.active_count() == threads
