#!/usr/bin/env python3
"""Logs of jobs over Socket.IO: polling, websockets, the change from one to the other, and what goes wrong."""
import base64
import json
import ssl
import subprocess
import threading
import time
import unittest

import restlab
from engine_client import Follower, Polling, Websocket, event_of, job_logging, packets_of, text_packets_of
from restcase import NOBODY, PROGRAM, RestCase


class SocketCase(RestCase):
    def started_job(self, *lines):
        job = self.job(self.app())
        self.order(f"start {job}")
        for line in lines:
            self.order(f"log {job} {line}")
        return job

    def token(self, job):
        reply = self.call("GET", f"/jobs/{job}/websocket_token/", user="vera")
        self.assertEqual(reply.status, 200)
        return reply.json["token"]

    def websocket(self):
        socket = Websocket(self.port)
        self.addCleanup(socket.close)
        self.assertEqual(socket.status, 101)
        return socket

    def greeted(self):
        socket = self.websocket()
        self.assertEqual((socket.next()[0], socket.next()), ("0", "40"))
        return socket

    def polling(self):
        return Polling(self.port).open()


class Tokens(SocketCase):
    def test_one_is_for_a_job_and_who_may_read(self):
        job = self.started_job("x")
        token = self.token(job)
        self.assertRegex(token, "^[0-9a-f]{128}$")
        self.assertNotEqual(token, self.token(job))
        self.assertEqual(self.call("GET", f"/jobs/{job}/websocket_token", user=None).status, 401)
        self.assert_error(self.call("GET", f"/jobs/{NOBODY}/websocket_token"), 404, "Specified job_id doesn't exist.")

    def test_it_opens_that_log_and_no_other_also_after_a_restart(self):
        job, other = self.started_job("mine"), self.job(self.app(name="other"))
        token = self.token(job)
        socket = self.greeted()
        socket.send(job_logging(token, other, raw_mode=True))
        self.assertEqual(event_of(socket.next()), {"raw": None, "error": "Invalid authentication token.", "last_pos": 0})
        self.server.stop()
        again = restlab.RestServer(PROGRAM, self.folder)
        self.server.process, self.port = again.process, again.port
        self.assertEqual(Follower(self.greeted(), token, job).read(5), b"mine\n")


class Websockets(SocketCase):
    def test_the_greeting(self):
        socket = self.websocket()
        greeting = socket.next()
        self.assertEqual(greeting[0], "0")
        said = json.loads(greeting[1:])
        self.assertRegex(said.pop("sid"), "^[0-9a-f]{32}$")
        self.assertEqual(said, {"upgrades": [], "pingTimeout": 60000, "pingInterval": 25000})
        self.assertEqual(socket.next(), "40")
        socket.send("2")
        self.assertEqual(socket.next(), "3")
        socket.send("2word")
        self.assertEqual(socket.next(), "3word")

    def test_a_log_is_followed(self):
        job = self.started_job("one")
        follower = Follower(self.greeted(), self.token(job), job)
        self.assertEqual(follower.read(4), b"one\n")
        for number in range(20):
            self.order(f"log {job} line {number}")
        expected = b"one\n" + b"".join(b"line %d\n" % n for n in range(20))
        self.assertEqual(follower.read(len(expected)), expected)

    def test_from_a_position_on(self):
        job = self.started_job("one", "two", "three")
        self.assertEqual(Follower(self.greeted(), self.token(job), job, 4).read(10), b"two\nthree\n")

    def test_html(self):
        job = self.started_job("2026/11/23 10:00:00 GMT: Deploy <b>", "\\033[32;1mgreen\\033[0m & co".replace("\\033", "\x1b"))
        socket = self.greeted()
        socket.send(job_logging(self.token(job), job))
        event = event_of(socket.next())
        self.assertEqual(event["last_pos"], 0)
        self.assertEqual(
            event["html"],
            '<div class="panel panel-default"><em class="panel-heading"><span class="timeinterval"><i class="glyphicon'
            ' glyphicon-time"></i></span><span class="command-title">2026/11/23 10:00:00 GMT: Deploy &lt;b&gt;<br/></span></em>'
            '<div class="panel-body"><samp><span style="color: rgb(0, 128, 0); font-weight: bolder">green</span> &amp; co<br/></samp>',
        )

    def test_what_is_refused(self):
        job = self.started_job("x")
        queued, token = self.job(self.app(name="queued")), self.token(job)
        rows = [
            ({"log_id": job}, "Undefined authentication token."),
            ({"auth_token": token}, "Undefined log_id."),
            ({"auth_token": "0" * 128, "log_id": job}, "Invalid authentication token."),
            ({"auth_token": token[:-1] + "x", "log_id": job}, "Invalid authentication token."),
            ({"auth_token": token, "log_id": "../../etc/passwd"}, "Invalid authentication token."),
            ({"auth_token": self.token(queued), "log_id": queued}, "No log file yet."),
            (None, "Undefined authentication token."),
            ([], "Undefined authentication token."),
        ]
        socket = self.greeted()
        for wish, sentence in rows:
            socket.send("42" + json.dumps(["job_logging", wish]))
            self.assertIn(f"ERROR: {sentence}", event_of(socket.next())["html"])
        for wish, sentence in rows[:6]:
            socket.send("42" + json.dumps(["job_logging", wish | {"raw_mode": True}]))
            self.assertEqual(event_of(socket.next()), {"raw": None, "error": sentence, "last_pos": 0})
        # The connection is good for another try.
        self.assertEqual(Follower(socket, token, job).read(2), b"x\n")

    def test_other_packets(self):
        socket = self.greeted()
        for ignored in ("40", '42["chat",{}]', '43["x"]', "6", "3", "5", '42/room,["job_logging",{}]'):
            socket.send(ignored)
        socket.send('427["job_logging",{}]')
        self.assertEqual(socket.next(), "437[]")
        self.assertIn("Undefined authentication token.", socket.next())
        socket.send("40/room")
        self.assertEqual(socket.next(), '44/room,"Invalid namespace"')
        socket.send("41")
        self.assertIn(socket.receive_frame()[0], (8, None))

    def test_nonsense_ends_the_connection(self):
        for text in ("", "x", "9", "4", "4x", "42", "42{}", "42[]", "42[1]", '42["job_logging",', "42" + "[" * 100, "2\0"):
            socket = self.greeted()
            socket.send(text)
            self.assertIn(socket.receive_frame()[0], (8, None), text)
        for frame in (
            socket.frame(2, b"x"),  # bytes
            socket.frame(1, b"2", mask=False),
            socket.frame(1, b"\xff\xfe"),
            socket.frame(3, b""),
            socket.frame(9, b"x" * 200),
            socket.frame(1, b"2" * 70000),
        ):
            socket = self.greeted()
            socket.socket.sendall(frame)
            self.assertIn(socket.receive_frame()[0], (8, None), frame[:20])

    def test_frames_in_pieces_and_pings(self):
        socket = self.greeted()
        data = socket.frame(1, b"2wo", end=False) + socket.frame(9, b"ping") + socket.frame(0, b"rd")
        for byte in data:
            socket.socket.sendall(bytes([byte]))
        self.assertEqual(socket.receive_frame(), (10, b"ping"))
        self.assertEqual(socket.next(), "3word")
        socket.socket.sendall(socket.frame(8, b"\x03\xe8"))
        self.assertEqual(socket.receive_frame(), (8, b"\x03\xe8"))
        self.assertEqual(socket.receive_frame()[0], None)

    def test_handshakes(self):
        rows = [
            ({"Upgrade": None}, 400),
            ({"Upgrade": "h2c"}, 400),
            ({"Connection": "close"}, 400),
            ({"Sec-WebSocket-Key": "short"}, 400),
            ({"Sec-WebSocket-Key": None}, 400),
            ({"Sec-WebSocket-Version": "8"}, 426),
            ({"Connection": "keep-alive, Upgrade", "Upgrade": "WebSocket"}, 101),
        ]
        for headers, status in rows:
            socket = Websocket(self.port, headers=headers)
            self.addCleanup(socket.close)
            self.assertEqual(socket.status, status, headers)
        for query in ("EIO=4&transport=websocket", "EIO=3&transport=websocket&sid=" + "0" * 32, "EIO=3&transport=pigeon", "EIO=3&j=0"):
            socket = Websocket(self.port, f"/socket.io/?{query}")
            self.addCleanup(socket.close)
            self.assertEqual(socket.status, 400, query)

    def test_a_stop_says_goodbye(self):
        job = self.started_job("x")
        socket = self.greeted()
        Follower(socket, self.token(job), job).read(2)
        waiting = self.greeted()
        self.server.stop()
        for one in (socket, waiting):
            self.assertEqual(one.receive_frame(), (8, b"\x03\xe9the controller stops"))
        again = restlab.RestServer(PROGRAM, self.folder)
        self.server.process = again.process

    def test_over_tls(self):
        key, certificate = f"{self.folder}/k.pem", f"{self.folder}/c.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-keyout", key,
             "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
            check=True, capture_output=True,
        )  # fmt: skip
        job = self.started_job(*(f"line {n} {'x' * 90}" for n in range(1000)))
        token = self.token(job)
        self.server.stop()
        again = restlab.RestServer(PROGRAM, self.folder, certificate, key)
        self.server.process, self.port = again.process, again.port
        context = ssl.create_default_context(cafile=certificate)
        socket = Websocket(self.port, wrap=lambda s: context.wrap_socket(s, server_hostname="127.0.0.1"))
        self.addCleanup(socket.close)
        expected = b"".join(b"line %d %s\n" % (n, b"x" * 90) for n in range(1000))
        self.assertEqual(Follower(socket, token, job).read(len(expected)), expected)


class Polls(SocketCase):
    def test_without_any_word(self):
        reply = self.call("GET", "/socket.io/", user=None)
        self.assertEqual((reply.status, reply.headers["Content-Type"]), (200, "application/octet-stream"))
        packets = packets_of(reply.body)
        greeting = json.loads(packets[0][1:])
        self.assertEqual((packets[0][0], packets[1], greeting["upgrades"]), ("0", "40", ["websocket"]))
        self.assertIn(f"io={greeting['sid']}", reply.headers["Set-Cookie"])
        self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "*")

    def test_a_log_is_followed(self):
        job = self.started_job("one")
        client = self.polling()
        follower = Follower(client, self.token(job), job)
        self.assertEqual(follower.read(4), b"one\n")
        timer = threading.Timer(0.3, lambda: self.order(f"log {job} two"))
        timer.start()
        self.assertEqual(follower.read(8), b"one\ntwo\n")
        timer.join()

    def test_a_waiting_poll_hears_what_is_asked_meanwhile(self):
        job = self.started_job("one")
        client, token = self.polling(), self.token(job)
        self.assertEqual(client.next(), "40")
        heard = []
        thread = threading.Thread(target=lambda: heard.append(client.next()))
        thread.start()
        client.send(job_logging(token, job, raw_mode=True))
        thread.join(20)
        self.assertEqual(base64.b64decode(event_of(heard[0])["raw"]), b"one\n")

    def test_the_text_form(self):
        job = self.started_job("é 😀")
        client, token = self.polling(), self.token(job)
        client.send("2", job_logging(token, job))
        client.query += "&b64=1"
        packets = client.waiting
        while len(packets) < 3:
            answer, body = client.request("GET")
            self.assertEqual(answer.getheader("Content-Type"), "text/plain; charset=UTF-8")
            packets += text_packets_of(body)
        self.assertEqual(packets[:2], ["40", "3"])
        self.assertEqual(event_of(packets[2])["html"], "<samp>é 😀<br/></samp>")

    def test_a_second_poll_ends_the_first(self):
        client = self.polling()
        self.assertEqual(client.next(), "40")
        heard = []
        thread = threading.Thread(target=lambda: heard.append(client.poll()))
        thread.start()
        time.sleep(0.3)
        client.send("2later")  # wakes whoever waits
        thread.join(20)
        self.assertEqual(heard, [["3later"]])

    def test_nonsense_is_refused_and_ends_the_session(self):
        for body in (b"", b"x", b"5:2", b"1:2x", b"0:", b"99999999999:2", b"\0\1\xff", b"\1\1\xff2", b"\0\xff", b"1:9", b"3:42{", b"1:2" * 65):
            client = self.polling()
            answer, content = client.request("POST", body)
            self.assertEqual(answer.status, 400, body)
            self.assertEqual(json.loads(content)["code"], 3)
            answer, content = client.request("GET")
            self.assertEqual((answer.status, json.loads(content)), (400, {"code": 1, "message": "Session ID unknown"}))

    def test_unknown_sessions_and_transports(self):
        for method, query, code in (
            ("GET", "EIO=3&transport=polling&sid=" + "0" * 32, 1),
            ("POST", "EIO=3&transport=polling&sid=" + "0" * 32, 1),
            ("POST", "EIO=3&transport=polling", 1),
            ("GET", "EIO=3&transport=flashsocket", 0),
            ("GET", "EIO=2&transport=polling", 5),
            ("GET", "EIO=3&transport=polling&j=1", 3),
        ):
            answer, content = Polling(self.port).request(method, b"1:2" if method == "POST" else None, query)
            self.assertEqual((answer.status, json.loads(content)["code"]), (400, code), query)
        answer, _ = self.polling().request("POST", b"1:2" * 40000)
        self.assertEqual(answer.status, 413)


class Upgrades(SocketCase):
    def upgraded(self, client):
        socket = Websocket(self.port, f"/socket.io/?EIO=3&transport=websocket&sid={client.sid}")
        self.addCleanup(socket.close)
        self.assertEqual(socket.status, 101)
        socket.send("2probe")
        self.assertEqual(socket.next(), "3probe")
        return socket

    def test_a_session_moves_and_loses_nothing(self):
        job = self.started_job("one")
        client, token = self.polling(), self.token(job)
        self.assertEqual(client.next(), "40")
        heard = []
        thread = threading.Thread(target=lambda: heard.append(client.poll()))
        thread.start()
        time.sleep(0.2)
        socket = self.upgraded(client)
        thread.join(20)
        self.assertEqual(heard, [["6"]])  # the poll that waited
        socket.send("5")
        self.assertEqual(Follower(socket, token, job).read(4), b"one\n")
        answer, content = client.request("GET")
        self.assertEqual((answer.status, json.loads(content)["code"]), (400, 3))
        self.order(f"log {job} two")
        self.assertEqual(json.loads(socket.next()[2:])[1]["last_pos"], 4)

    def test_a_probe_that_is_given_up_leaves_the_session(self):
        client = self.polling()
        self.assertEqual(client.next(), "40")
        self.upgraded(client).close()
        deadline = time.monotonic() + 20
        packets = ["6"]
        while packets == ["6"] and time.monotonic() < deadline:
            client.send("2")  # so that there is something to say
            packets = client.poll()
        self.assertEqual(packets[0], "3")

    def test_a_probe_of_something_else_ends(self):
        client = self.polling()
        socket = Websocket(self.port, f"/socket.io/?EIO=3&transport=websocket&sid={client.sid}")
        self.addCleanup(socket.close)
        socket.send("2")
        self.assertIn(socket.receive_frame()[0], (8, None))


class Many(SocketCase):
    FOLLOWERS = 500
    LINES = 2000

    def memory(self):
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))

    @staticmethod
    def sanitized():
        with open(PROGRAM, "rb") as program:
            code = program.read()
        return b"__asan_init" in code or b"__tsan_init" in code

    def follow(self, job, token, number):
        """Reads nothing yet."""
        if number % 2:
            reply = self.open("GET", f"/jobs/{job}/logs/stream")
            self.assertEqual(reply.status, 200)
            return reply
        socket = self.greeted()
        socket.send(job_logging(token, job, raw_mode=True))
        return socket

    def read_events(self, reply):
        log = b""
        for line in reply:
            if line.startswith(b"data: "):
                log += line[6:]
            if line == b"event: end\n":
                return log

    def test_followers_of_one_log_cost_their_sockets(self):
        job = self.started_job(*(f"{n:06} {'x' * 92}" for n in range(self.LINES)))
        token, expected = self.token(job), b"".join(b"%06d %s\n" % (n, b"x" * 92) for n in range(self.LINES))
        for warm in range(4):
            self.follow(job, token, warm)
        before = self.memory()
        followers = [self.follow(job, token, n) for n in range(self.FOLLOWERS)]
        time.sleep(1)  # time to take more than it should
        each = (self.memory() - before) / self.FOLLOWERS
        # A connection has a buffer of 32 KiB for the headers of a request; nothing of the log's 200 KB is kept for it.
        # Sanitizers keep what was freed, and more beside what was not.
        if not self.sanitized():
            self.assertLess(each, 128, f"{each:.0f} KiB for each follower")
        self.order(f"end {job} done")
        for number, follower in enumerate(followers):
            if isinstance(follower, Websocket):
                reader = Follower.__new__(Follower)
                reader.transport, reader.position, reader.bytes = follower, 0, b""
                self.assertEqual(reader.read(len(expected)), expected, number)
            else:
                self.assertEqual(self.read_events(follower), expected, number)
            follower.close()
        self.assertEqual(self.call("GET", "/apps").status, 200)


if __name__ == "__main__":
    unittest.main()
