from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture
def hung() -> Iterator[str]:
    """The socket of a server that takes every call and answers none."""
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/redis.sock")
        server.listen(50)
        yield f"{folder}/redis.sock"
