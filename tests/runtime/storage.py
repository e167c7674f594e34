"""An object store and a web server on loopback, and a proxy that treats their connections badly."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROWS = [{"n": n, "t": "ü€😀" * 6} for n in range(1500)]
TEXT = json.dumps({"rows": ROWS}, ensure_ascii=False).encode()
BIG_ROWS = ROWS * 8
BIG = json.dumps({"rows": BIG_ROWS}, ensure_ascii=False).encode()
"""A document of 110 KB and one of 900 KB, more than what a broken connection has under way."""

Fate = Callable[[int, bytes], "int | bytes | None"]
"""What becomes of a request, by its number and its head: a number of bytes of the answer after
which the connection is cut (negative: stalls), an answer in the server's place, or None: nothing.
"""

SLOW_DOWN = b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Proxy:
    """Passes connections on to a server. Each connection carries one request."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.fate: Fate = lambda *_: None
        self.heads: list[bytes] = []
        self._open: set[socket.socket] = set()
        self._released = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        with contextlib.suppress(OSError), client:
            head = b""
            while b"\r\n\r\n" not in head:
                if not (piece := client.recv(65536)):
                    return
                head += piece
            self.heads.append(head)
            fate = self.fate(len(self.heads), head)
            if isinstance(fate, bytes):
                client.sendall(fate)
                return
            with socket.create_connection(self._server) as server:
                line_end = head.index(b"\r\n") + 2
                server.sendall(head[:line_end] + b"Connection: close\r\n" + head[line_end:])
                self._answer(server, client, fate)
        self._open.discard(client)

    def _answer(self, server: socket.socket, client: socket.socket, most: int | None) -> None:
        left = None if most is None else abs(most)
        while piece := server.recv(65536):
            client.sendall(piece[:left])
            if left is not None:
                left -= len(piece)
                if left <= 0:
                    if most is not None and most < 0:
                        self._released.wait(20)
                    if most is not None and most % 2:  # so that what is under way is lost, too
                        at_once = struct.pack("ii", 1, 0)
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                    return

    def close(self) -> None:
        self._released.set()
        self._listener.close()
        for client in list(self._open):
            client.close()


def cuts(seed: int, share: float, most: int) -> Fate:
    """Cuts that share of the answers somewhere in their first bytes, and refuses some of them."""
    chance = random.Random(seed)
    lock = threading.Lock()

    def fate(number: int, head: bytes) -> int | bytes | None:
        with lock:
            if chance.random() > share:
                return None
            return SLOW_DOWN if chance.random() < 0.2 else chance.randrange(most)

    return fate


class Shelf:
    """What a web server has, and how it serves it."""

    def __init__(self) -> None:
        self.content: dict[str, bytes] = {}
        self.headers: dict[str, str] = {}
        self.ranges = True
        self.seen: list[tuple[str, str | None]] = []
        self.cut: Callable[[int], int | None] = lambda _: None
        self.status = 200


@contextlib.contextmanager
def web_server() -> Iterator[tuple[str, Shelf]]:
    """A server of HTTP whose answers can end too early. Gives its address and its shelf."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def do_HEAD(self) -> None:
            self._begin()

        def do_GET(self) -> None:
            body = self._begin()
            cut = shelf.cut(len(shelf.seen))
            self.wfile.write(body if cut is None else body[:cut])

        def _begin(self) -> bytes:
            wanted = self.headers.get("Range")
            shelf.seen.append((self.command, wanted))
            body = shelf.content.get(self.path.partition("?")[0])
            status = shelf.status if body is not None else 404
            body = body if body is not None and status == 200 else b""
            total = len(body)
            place = 0
            if wanted and shelf.ranges and status == 200:
                place = int(wanted[len("bytes=") :].partition("-")[0])
                status = 206 if place < total else 416
                place = min(place, total)
            self.send_response(status)
            if status == 206:
                self.send_header("Content-Range", f"bytes {place}-{total - 1}/{total}")
            self.send_header("Content-Length", str(total - place))
            for name, value in shelf.headers.items():
                self.send_header(name, value)
            self.end_headers()
            return body[place:]

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", shelf
    finally:
        server.shutdown()
        server.server_close()
