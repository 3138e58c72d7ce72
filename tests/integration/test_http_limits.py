#!/usr/bin/env python3
"""The HTTP server's bounds, over raw sockets: too much, too slow, malformed, too many, and a stop in the middle."""
import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest
import unittest.mock

import restcase
import restlab
from restcase import APP, RestCase

LOGIN = b"Host: x\r\nAuthorization: Bearer olga\r\n"
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /apps HTTP/1.1\r\n" + LOGIN + JSON
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
GET = b"GET /version HTTP/1.1\r\n" + LOGIN + b"\r\n"
PATIENCE = 20


class Talk:
    """One connection, spoken by hand."""

    def __init__(self, port, source=None):
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, source_address=source and (source, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, data):
        # The server may have hung up already: what it said is still to be read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(data)

    def hear_all(self):
        """Until the server closes."""
        heard = b""
        with contextlib.suppress(ConnectionResetError):
            while block := self.socket.recv(65536):
                heard += block
        return heard

    def hear_answer(self):
        """One answer with a Content-Length: status, body."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            block = self.socket.recv(1)
            if not block:
                return None, heard
            heard += block
        length = int(re.search(rb"Content-Length: (\d+)", heard)[1])
        body = b""
        while len(body) < length:
            body += self.socket.recv(length - len(body))
        return int(heard.split()[1]), body

    def is_closed(self):
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True


class Limits(RestCase):
    """bounds: of rest_server.c, by the environment."""

    bounds: dict[str, str] = {}

    def setUp(self):
        with unittest.mock.patch.dict(os.environ, self.bounds):
            super().setUp()

    def talk(self, data=b"", source=None):
        talk = self.enterContext(Talk(self.port, source))
        talk.say(data)
        return talk

    def assert_alive(self):
        self.assertEqual(self.talk(GET).hear_answer()[0], 200)


class Sizes(Limits):
    def test_targets(self):
        for length, status in ((16000, 200), (16400, 414), (40000, 414), (1000000, 414)):
            with self.subTest(length):
                path = b"/apps?x=" + b"a" * (length - 8)
                talk = self.talk(b"GET " + path + b" HTTP/1.1\r\n" + LOGIN + b"Connection: close\r\n\r\n")
                self.assertEqual(int(talk.hear_all().split()[1]), status)
        self.assert_alive()

    def test_headers(self):
        long = b"GET /version HTTP/1.1\r\n" + LOGIN + b"X-Long: " + b"a" * 40000 + b"\r\n\r\n"
        many = b"GET /version HTTP/1.1\r\n" + LOGIN + b"".join(b"X%d: 1\r\n" % i for i in range(5000)) + b"\r\n"
        endless = b"GET /version HTTP/1.1\r\n" + b"X" * 200000
        for data in (long, many, endless):
            heard = self.talk(data).hear_all()
            self.assertTrue(heard.startswith(b"HTTP/1.1 431 "), heard[:100])
            self.assertIn(b"Connection: close", heard)
        fifty = b"GET /version HTTP/1.1\r\n" + LOGIN + b"".join(b"X%d: 1\r\n" % i for i in range(50)) + b"\r\n"
        self.assertEqual(self.talk(fifty).hear_answer()[0], 200)

    def test_a_body_that_says_it_is_too_long_is_not_waited_for(self):
        for length in (b"262145", b"99999999999", b"9" * 40):
            heard = self.talk(POST + b"Content-Length: " + length + b"\r\n\r\n").hear_all()
            self.assertTrue(heard.startswith(b"HTTP/1.1 413 "), heard[:100])
        self.assert_alive()

    def test_a_body_that_grows_too_long(self):
        chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
        status, body = self.talk(CHUNKED + chunk * 9 + b"0\r\n\r\n").hear_answer()
        self.assertEqual((status, json.loads(body)["_error"]["code"]), (413, 413))
        # One that never ends is not read for ever.
        talk = self.talk(CHUNKED)
        talk.say(chunk * 200)
        heard = talk.hear_all()
        self.assertNotIn(b"HTTP/1.1 2", heard)
        self.assert_alive()

    def test_leave_to_send_is_given_only_to_whom_is_listened(self):
        expect = JSON + b"Expect: 100-continue\r\nContent-Length: 200000\r\n\r\n"
        nobody = self.talk(b"POST /apps HTTP/1.1\r\nHost: x\r\n" + expect).hear_all()
        self.assertTrue(nobody.startswith(b"HTTP/1.1 401 "), nobody[:100])
        nowhere = self.talk(b"POST /nowhere HTTP/1.1\r\n" + LOGIN + expect).hear_all()
        self.assertTrue(nowhere.startswith(b"HTTP/1.1 404 "), nowhere[:100])
        welcome = self.talk(b"POST /apps HTTP/1.1\r\n" + LOGIN + expect)
        self.assertEqual(welcome.socket.recv(25), b"HTTP/1.1 100 Continue\r\n\r\n")


class Shapes(Limits):
    bounds = {"REST_IDLE_MS": "2000"}

    def test_requests_in_a_row_are_answered_in_order(self):
        paths = (b"/version", b"/nowhere", b"/lxd/status", b"/health")
        talk = self.talk(b"".join(b"GET " + path + b" HTTP/1.1\r\n" + LOGIN + b"\r\n" for path in paths))
        answers = [talk.hear_answer() for _ in paths]
        self.assertEqual([status for status, _ in answers], [200, 404, 200, 200])
        self.assertIn(b"current_revision", answers[0][1])
        self.assertEqual(json.loads(answers[2][1])["status"], False)
        # Bodies too: what is behind one is the next request.
        body = json.dumps(APP).encode()
        talk.say(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body + GET)
        self.assertEqual([talk.hear_answer()[0], talk.hear_answer()[0]], [201, 200])

    def test_a_request_whose_end_is_in_doubt_ends_the_connection(self):
        for name, data in {
            "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
            "length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "another encoding": POST + b"Transfer-Encoding: gzip\r\n\r\n{}",
            "a length that is none": POST + b"Content-Length: abc\r\n\r\n{}",
            "less than nothing": POST + b"Content-Length: -1\r\n\r\n{}",
            "a blank in a name": b"GET /version HTTP/1.1\r\n" + LOGIN + b"Content-Length : 5\r\n\r\n",
            "no host": b"GET /version HTTP/1.1\r\nAuthorization: Bearer olga\r\n\r\n",
            "two hosts": b"GET /version HTTP/1.1\r\n" + LOGIN + b"Host: y\r\n\r\n",
            "no chunk size": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
            "more than the chunk": CHUNKED + b"2\r\n{}XX0\r\n\r\n",
            "a header without colon": b"GET /version HTTP/1.1\r\n" + LOGIN + b"nocolon\r\n\r\n",
        }.items():
            with self.subTest(name):
                heard = self.talk(data + GET).hear_all()
                self.assertTrue(heard.startswith(b"HTTP/1.1 400 "), heard[:100])
                self.assertNotIn(b"current_revision", heard)
        huge = self.talk(CHUNKED + b"f" * 18 + b"\r\n{}" + GET).hear_all()
        self.assertRegex(huge[:13], rb"HTTP/1.1 (400|413)")
        self.assert_alive()

    def test_garbage(self):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", b"\r\n" * 50, b"\x00" * 5000, b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
                     b"\xff" * 3000 + b"\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"):  # fmt: skip
            talk = self.talk(data)
            talk.socket.shutdown(socket.SHUT_WR)
            self.assertNotIn(b"HTTP/1.1 2", talk.hear_all(), data[:20])
        self.assert_alive()

    def test_chunks_are_put_together(self):
        body = json.dumps(APP).encode()
        pieces = b"".join(b"1;note=x\r\n" + body[i : i + 1] + b"\r\n" for i in range(len(body)))
        self.assertEqual(self.talk(CHUNKED + pieces + b"0\r\nTrailer: x\r\n\r\n").hear_answer()[0], 201)

    def test_a_client_that_has_no_more_to_say_is_answered(self):
        talk = self.talk(GET)
        talk.socket.shutdown(socket.SHUT_WR)
        self.assertIn(b"current_revision", talk.hear_all())

    def test_an_error_does_not_end_a_sound_connection(self):
        talk = self.talk()
        for data, status in ((b"GET /nowhere HTTP/1.1\r\n" + LOGIN + b"\r\n", 404), (POST + b"Content-Length: 1\r\n\r\n{", 400),
                             (b"GET /apps HTTP/1.1\r\nHost: x\r\n\r\n", 401), (GET, 200)):  # fmt: skip
            talk.say(data)
            self.assertEqual(talk.hear_answer()[0], status)

    def test_old_clients_are_answered_and_left(self):
        heard = self.talk(b"GET /version HTTP/1.0\r\nAuthorization: Bearer olga\r\n\r\n").hear_all()
        self.assertIn(b"Connection: close", heard)
        self.assertIn(b"current_revision", heard)


class Slow(Limits):
    bounds = {"REST_IDLE_MS": "1000", "REST_REQUEST_MS": "1500"}

    def drip(self, talk, data):
        """A byte now and then, until the server has enough of it."""
        began = time.monotonic()
        for i in range(len(data)):
            talk.say(data[i : i + 1])
            talk.socket.settimeout(0.1)
            with contextlib.suppress(TimeoutError):
                if talk.is_closed():
                    return time.monotonic() - began
        return self.fail("the server has waited for all of it")

    def test_dripping_headers_and_bodies_are_cut_off(self):
        request = b"GET /version HTTP/1.1\r\nX: " + b"a" * 300
        self.assertLess(self.drip(self.talk(), request), PATIENCE)
        self.assertLess(self.drip(self.talk(POST + b"Content-Length: 1000\r\n\r\n"), b"x" * 300), PATIENCE)
        self.assertLess(self.drip(self.talk(CHUNKED), b"1\r\nx\r\n" * 50), PATIENCE)
        self.assert_alive()

    def test_silence_is_cut_off(self):
        silent, half, idle = self.talk(), self.talk(b"GET /version HT"), self.talk(GET)
        self.assertEqual(idle.hear_answer()[0], 200)
        for talk in (silent, half, idle):
            self.assertIn(talk.hear_all()[:13], (b"", b"HTTP/1.1 408 "))

    def test_many_slow_ones_keep_nobody_waiting(self):
        slow = [self.talk(b"GET /version HTTP/1.1\r\nX: ") for _ in range(300)]
        for _ in range(5):
            for talk in slow:
                talk.say(b"a")
            began = time.monotonic()
            self.assert_alive()
            self.assertLess(time.monotonic() - began, 5)
        for talk in slow:
            self.assertTrue(talk.is_closed())

    def test_who_does_not_read_is_cut_off(self):
        job = self.job(self.app())
        with open(f"{self.folder}/logs/{job}.txt", "wb") as log:
            log.truncate(64 << 20)
        talk = self.talk()
        talk.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        talk.say(f"GET /jobs/{job}/logs HTTP/1.1\r\n".encode() + LOGIN + b"\r\n")
        self.assert_alive()
        # The server's side is gone when what it has in its buffers does not grow into the whole.
        deadline = time.monotonic() + PATIENCE
        while f":{talk.socket.getsockname()[1]:04X} " in self.peers() and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertLess(time.monotonic(), deadline)

    def peers(self):
        """Established connections of the server's, by the other end."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        mine = [row for row in rows if row[1].endswith(f":{self.port:04X}") and row[3] == "01"]
        return " ".join(row[2] + " " for row in mine)


class Many(Limits):
    bounds = {"REST_CONNECTIONS": "40", "REST_PER_ADDRESS": "12", "REST_IDLE_MS": "20000"}

    def answered(self, source):
        talk = self.talk(source=source)
        talk.say(GET)
        try:
            return talk.hear_answer()[0] == 200
        except ConnectionResetError:
            return False

    def await_answer(self, source):
        deadline = time.monotonic() + PATIENCE
        while not self.answered(source):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_one_address_cannot_take_all(self):
        held = [self.talk(GET, "127.0.0.1") for _ in range(12)]
        self.assertEqual([talk.hear_answer()[0] for talk in held], [200] * 12)
        self.assertFalse(self.answered("127.0.0.1"))
        self.assertTrue(self.answered("127.0.0.2"))
        held[0].socket.close()
        self.await_answer("127.0.0.1")

    def test_all_together_are_bounded(self):
        held = [self.talk(GET, f"127.0.0.{2 + i // 10}") for i in range(40)]
        self.assertEqual([talk.hear_answer()[0] for talk in held], [200] * 40)
        late = self.talk(source="127.0.0.9")
        late.socket.settimeout(0.5)
        late.say(GET)
        with contextlib.suppress(TimeoutError):
            self.assertTrue(late.is_closed())
        for talk in held[:5]:
            talk.socket.close()
        self.await_answer("127.0.0.8")


class Stop(Limits):
    bounds = {"REST_STOP_MS": "4000"}

    def stop(self):
        """Orders the stop and goes on: the clean-up waits for its end."""
        self.server.process.stdin.close()
        self.assertTrue(self.talk_fails())

    def talk_fails(self):
        """No new connection is served."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with Talk(self.port) as talk:
                    talk.socket.settimeout(0.3)
                    talk.say(GET)
                    if talk.is_closed():
                        return True
            except (TimeoutError, OSError):
                return True
        return False

    def test_what_was_begun_is_answered(self):
        body = json.dumps(APP).encode()
        talk = self.talk(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body[:10])
        self.assert_alive()
        self.stop()
        talk.say(body[10:])
        heard = talk.hear_all()
        self.assertTrue(heard.startswith(b"HTTP/1.1 201 "), heard[:200])
        self.assertIn(b"Connection: close", heard)

    def test_streams_end_as_they_should(self):
        job = self.job(self.app())
        streams = [self.open("GET", f"/jobs/{job}/logs/stream") for _ in range(20)]
        self.order(f"log {job} one")
        for stream in streams:
            self.assertIn(b"data: one", b"".join(stream.readline() for _ in range(4)))
        self.stop()
        for stream in streams:
            stream.read()  # to the last chunk: cut off, it would raise IncompleteRead

    def test_who_never_ends_is_not_waited_for(self):
        self.talk(POST + b"Content-Length: 1000\r\n\r\n{")
        self.talk(GET).hear_answer()
        began = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - began, 4 + PATIENCE / 2)


class Tls(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-tls-"))
        self.certificate, self.key = f"{self.folder}/certificate.pem", f"{self.folder}/key.pem"
        self.make_certificate("first")
        with unittest.mock.patch.dict(os.environ, {"REST_REQUEST_MS": "1500"}):
            self.server = restlab.RestServer(restcase.PROGRAM, self.folder, self.certificate, self.key)
        self.addCleanup(self.server.stop)

    def make_certificate(self, name):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
             "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost", "-keyout", self.key, "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip

    def shake_hands(self, *versions):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        if versions:
            context.minimum_version = context.maximum_version = versions[0]
        plain = socket.create_connection(("127.0.0.1", self.server.port), PATIENCE)
        return self.enterContext(context.wrap_socket(plain))

    def test_old_versions_are_not_spoken(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            secure = self.shake_hands(version)
            secure.sendall(GET)
            self.assertTrue(secure.recv(1000).startswith(b"HTTP/1.1 200 "))
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.assertRaises(OSError):
                self.shake_hands(version)

    def shown(self):
        """Whose certificate a new connection is shown."""
        der = self.shake_hands().getpeercert(binary_form=True)
        pem = ssl.DER_cert_to_PEM_cert(der)
        answer = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=pem, check=True, capture_output=True, text=True)
        return answer.stdout.split("=")[-1].strip()

    def test_the_certificate_is_read_again_without_a_restart(self):
        old = self.shake_hands()
        self.assertEqual(self.shown(), "first")
        self.make_certificate("second")
        self.assertEqual(self.shown(), "first")
        self.server.order("reload")
        self.assertEqual(self.shown(), "second")
        old.sendall(GET)
        self.assertTrue(old.recv(1000).startswith(b"HTTP/1.1 200 "))
        with open(self.key, "w", encoding="ascii") as file:
            file.write("no key")
        with self.assertRaises(AssertionError):
            self.server.order("reload")
        self.assertEqual(self.shown(), "second")

    def test_a_handshake_that_does_not_come_is_not_waited_for(self):
        with Talk(self.server.port) as silent, Talk(self.server.port) as half:
            half.say(b"\x16\x03\x01\x02")
            self.assertTrue(silent.is_closed())
            self.assertTrue(half.is_closed())
        self.shake_hands().sendall(GET)


if __name__ == "__main__":
    unittest.main()
