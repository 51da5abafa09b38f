"""Receivers of webhooks and mails: real servers on this machine, which note what reaches them."""

import base64
import datetime
import json
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came; `server_name` is what TLS was asked for."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    server_name: str | None = None

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def status(code: int, body: bytes = b"", **headers: str) -> Answer:
    """Answers with a status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@dataclass
class Receiver:
    """A web server that answers in turn with `answers`, then with 204."""

    port: int = 0
    answers: list[Answer] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=1"


@contextmanager
def receiving(tls: "Certificate | None" = None) -> Iterator[Receiver]:
    """A receiver on a free port of loopback."""
    receiver = Receiver()
    asked: list[str | None] = [None]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            receiver.received.append(Received(self.path, dict(self.headers.items()), body, asked[0]))
            answer = receiver.answers.pop(0) if receiver.answers else status(204)
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> Any:
            receiver.connections += 1
            return super().get_request()

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass  # the client may leave in the middle: that is what some tests are about

    server = Server(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = tls.server_context()

        def note(_socket: Any, name: str | None, _context: Any) -> None:
            asked[0] = name

        context.sni_callback = note
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver.port = server.server_port
    thread = threading.Thread(target=lambda: server.serve_forever(0.02), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A self-signed certificate for some names, in files."""

    path: Path

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path)
        return context

    def client_context(self) -> ssl.SSLContext:
        """Trusts this certificate and no other."""
        return ssl.create_default_context(cafile=str(self.path))


def make_certificate(folder: Path, *names: str) -> Certificate:
    """A certificate that is good for an hour."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{names[0]}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return Certificate(path)


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server in a process of its own; each mail it took is a file."""

    port: int
    folder: Path

    def mails(self) -> list[EmailMessage]:
        """In the order in which they came."""
        found = []
        for path in sorted(self.folder.glob("*.json")):
            envelope = json.loads(path.read_text())
            message = message_from_bytes(base64.b64decode(envelope["content"]), policy=policy.default)
            assert isinstance(message, EmailMessage)
            message["X-Envelope-To"] = ",".join(envelope["to"])
            found.append(message)
        return found


@contextmanager
def mail_server(folder: Path, mode: str = "none", certificate: Certificate | None = None) -> Iterator[MailServer]:
    """`mode`: none, starttls or tls; with a certificate it asks for the account ann/secret-of-ann."""
    folder.mkdir()
    script = Path(__file__).with_name("smtp_server.py")
    command = [sys.executable, str(script), str(folder), mode, str(certificate.path) if certificate else ""]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield MailServer(int(process.stdout.readline()), folder)
    finally:
        process.terminate()
        process.wait(10)
        if process.stdout is not None:
            process.stdout.close()
