"""Ports for servers that start a moment later: nobody else gets one meanwhile."""

import socket
import sys

import pytest

from oicp_conformance.embedded import free_port


@pytest.mark.skipif(sys.platform != "linux", reason="other systems would keep the port from its server, too")
def test_port_is_kept_from_others_until_its_server_listens() -> None:
    port = free_port()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind(("127.0.0.1", port))
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), 5.0)
    with socket.create_server(("127.0.0.1", port)):
        socket.create_connection(("127.0.0.1", port), 5.0).close()


def test_ports_do_not_run_out() -> None:
    assert len({free_port() for _ in range(300)}) > 250
