"""Receivers of notifications on loopback: a real mail server (aiosmtpd) and an HTTP server that keeps what it is posted."""
import email
import email.policy
import http.server
import json
import ssl
import subprocess
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from ghostlab import free_port

USER, PASSWORD = b"ghost", b"mail-secret"


def certificate(folder, name):
    """A certificate for 127.0.0.1 that is its own authority."""
    cert, key = folder / f"{name}.pem", folder / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


class Mail:
    def __init__(self, envelope, session):
        self.to, self.sender = envelope.rcpt_tos, envelope.mail_from
        self.encrypted = session.ssl is not None
        self.user = session.auth_data
        self.raw = envelope.content
        self.message = email.message_from_bytes(envelope.content, policy=email.policy.default)

    def part(self, kind):
        return self.message.get_body((kind,)).get_content()

    @property
    def attachment(self):
        (found,) = self.message.iter_attachments()
        return found

    @property
    def id(self):
        return self.message["Message-ID"]


class MailServer:
    """Keeps every mail it takes. answers: what is said to DATA (or RCPT, by name) first, one after the other."""

    def __init__(self, port=0, tls=None, at_once=False, login=False, data_answers=(), rcpt_answers=()):
        self.mails, self.attempts = [], 0
        self.data_answers, self.rcpt_answers = list(data_answers), list(rcpt_answers)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
        more = {"authenticator": self.authenticate, "auth_required": True, "auth_require_tls": bool(tls)} if login else {}
        if context and not at_once:
            more |= {"tls_context": context, "require_starttls": True}
        self.controller = Controller(self, hostname="127.0.0.1", port=port or free_port(), ssl_context=context if at_once else None, **more)
        self.scheme = "smtps" if at_once else "smtp"

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.controller.port}"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *_):
        self.controller.stop()

    @staticmethod
    def authenticate(server, session, envelope, mechanism, data):
        return AuthResult(success=(data.login, data.password) == (USER, PASSWORD), auth_data=data.login)

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 (aiosmtpd's name)
        self.attempts += 1
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data_answers:
            return self.data_answers.pop(0)
        self.mails.append(Mail(envelope, session))
        return "250 OK"


class Post:
    def __init__(self, handler, body):
        self.path, self.headers, self.body = handler.path, handler.headers, body

    @property
    def json(self):
        return json.loads(self.body)


class HttpSink:
    """Keeps every POST. statuses: the first answers; HOLD holds the answer back until release()."""

    HOLD = object()

    def __init__(self, port=0, statuses=()):
        sink, self.posts, self.statuses, self.released = self, [], list(statuses), threading.Event()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sink.posts.append(Post(self, body))
                status = sink.statuses.pop(0) if sink.statuses else 200
                if status is HttpSink.HOLD:
                    sink.released.wait(60)
                    return
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_):
                pass

        http.server.ThreadingHTTPServer.allow_reuse_address = True
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def url(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
