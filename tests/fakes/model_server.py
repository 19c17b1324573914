"""A server on loopback that speaks OpenAI's protocol and serves a script: replies, faults, silence, nonsense."""

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Step:
    """One answer: `body` replaces the whole of it, `silent` are seconds before it, `drip` before each byte."""

    text: str = ""
    status: int = 200
    finish: str = "stop"
    headers: dict = field(default_factory=dict)
    body: bytes | None = None
    silent: float = 0.0
    cut: bool = False
    drip: float = 0.0
    usage: tuple | None = (100, 20)


@dataclass
class ModelServer:
    url: str = ""
    asked: list = field(default_factory=list)
    keys: list = field(default_factory=list)


def _payload(step):
    if step.body is not None:
        return step.body
    if step.status != 200:
        return json.dumps({"error": {"message": step.text or "no", "type": "fault"}}).encode()
    answer = {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m",
        "choices": [
            {"index": 0, "finish_reason": step.finish, "message": {"role": "assistant", "content": step.text}}
        ],
    }  # fmt: skip
    if step.usage is not None:
        prompt, reply = step.usage
        answer["usage"] = {"prompt_tokens": prompt, "completion_tokens": reply, "total_tokens": prompt + reply}
    return json.dumps(answer).encode()


@contextlib.contextmanager
def serving(*steps):
    """Serve `steps` one after the other, the last one for ever."""
    left, seen = list(steps), ModelServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            seen.keys.append(self.headers.get("Authorization"))
            step = left.pop(0) if len(left) > 1 else left[0]
            time.sleep(step.silent)
            payload = _payload(step)
            with contextlib.suppress(OSError):
                self.send_response(step.status)
                for name, value in {"Content-Type": "application/json", **step.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                for place in range(len(payload) if step.drip else 0):
                    self.wfile.write(payload[place : place + 1])
                    time.sleep(step.drip)
                self.wfile.write(payload[: len(payload) // 2] if step.cut else payload)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    seen.url = f"http://127.0.0.1:{server.server_port}/v1"
    try:
        yield seen
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
