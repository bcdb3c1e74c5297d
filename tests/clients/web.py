"""A customer's web app: the programs of tests/node bundled and served from an origin of their own, and a store by HTTPS."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import missing

NODE = Path(__file__).parent.parent / "node"
OPTIONS = ["--bundle", "--splitting", "--format=esm", "--platform=browser", "--log-level=warning"]
FOR_LIBRARIES = ["--define:global=globalThis", "--external:node:*"]
"""amazon-cognito-identity-js wants `global`; parts of the SDK that only Node runs want its modules."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


class _Front(ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def served(programs: list[str], folder: Path) -> Iterator[str]:
    """The origin of a page that can import each of `programs`."""
    esbuild = NODE / "node_modules" / ".bin" / "esbuild"
    if not esbuild.exists():
        missing("esbuild of tests/node")
    sources = [f"{name}.mjs" for name in programs]
    subprocess.run([esbuild, *sources, *OPTIONS, *FOR_LIBRARIES, f"--outdir={folder}"], cwd=NODE, check=True)
    (folder / "index.html").write_text('<!doctype html><title>A web app</title><link rel="icon" href="data:,">')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@contextmanager
def by_https(base: str, folder: Path) -> Iterator[str]:
    """`localhost:port` where TLS ends before the service at `base`, for its host and those below; nobody vouches for it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(_certificate(folder))
    behind = (base.removeprefix("http://").partition(":")[0], int(base.rpartition(":")[2]))

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                outside = context.wrap_socket(self.request, server_side=True)
                with outside, socket.create_connection(behind) as inside:
                    back = Thread(target=_pump, args=(inside, outside), daemon=True)
                    back.start()
                    _pump(outside, inside)
                    back.join()

    with _Front(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"localhost:{server.server_address[1]}"
        server.shutdown()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while part := source.recv(65536):
            sink.sendall(part)
    for end in (source, sink):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _certificate(folder: Path) -> Path:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = folder / "both.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *form) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file
