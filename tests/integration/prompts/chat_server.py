"""A chat endpoint on this machine that speaks the protocol, and answers what it is told to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(slots=True)
class ChatServer:
    """`answers` are given in turn, the last one over and over; `asked` are the requests with their headers."""

    url: str
    answers: list[Any] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


def completion(content: Any, *, refusal: str | None = None, ending: str = "stop") -> dict[str, Any]:
    """A chat completion."""
    text = content if isinstance(content, str) or content is None else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {"id": "chatcmpl-1", "object": "chat.completion", "choices": [{"message": message, "finish_reason": ending}]}


@contextmanager
def serving() -> Iterator[ChatServer]:
    """The server, on a port of its own. An answer is a completion, raw bytes, a status, or "wait" or "trickle"."""
    state: ChatServer

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.asked.append(json.loads(body))
            state.headers.append({name.lower(): value for name, value in self.headers.items()})
            place = min(len(state.asked), len(state.answers)) - 1
            answer = state.answers[place]
            if answer == "wait":
                state.released.wait(30)
                return
            if isinstance(answer, int):
                self.send_response(answer)
                self.send_header("location", "/elsewhere")
                self.end_headers()
                return
            raw = (
                answer
                if isinstance(answer, bytes)
                else json.dumps(completion("x") if answer == "trickle" else answer).encode()
            )
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            if answer == "trickle":
                for byte in raw:
                    if state.released.wait(0.2):
                        return
                    self.wfile.write(bytes([byte]))
                    self.wfile.flush()
                return
            self.wfile.write(raw)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = ChatServer(f"http://127.0.0.1:{server.server_port}/v1")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
