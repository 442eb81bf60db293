"""Ports: free ones, remembered, and a clear word when the named one is taken."""

import socket

import pytest

from infra.local.ports import PortBook, PortTakenError, is_free, public_port


def listener() -> socket.socket:
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    return taken


def test_a_remembered_port_is_taken_again() -> None:
    port = PortBook({}).take("app-1")
    assert PortBook({"app-1": port}).take("app-1") == port


def test_a_remembered_port_that_somebody_took_is_replaced() -> None:
    with listener() as other:
        port = other.getsockname()[1]
        assert not is_free(port)
        chosen = PortBook({"app-1": port}).take("app-1")
    assert chosen != port
    assert is_free(chosen)


def test_no_port_is_given_twice() -> None:
    book = PortBook({"a": 20_123, "b": 20_123})
    ports = [book.take(name) for name in ("a", "b", "c", "a")]
    assert ports[0] == ports[3]
    assert len(set(ports)) == 3


def test_an_occupied_public_port_is_refused_with_advice() -> None:
    with listener() as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} .* --port N"):
            public_port(port, "127.0.0.1")


def test_port_zero_chooses() -> None:
    assert is_free(public_port(0, "127.0.0.1"))
