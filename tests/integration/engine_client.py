"""A client of Engine.IO 3 and websockets on nothing but sockets: what the tests need to speak it well and badly."""
import base64
import hashlib
import http.client
import json
import os
import socket
import struct

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def payload(*packets):
    """The text form."""
    return "".join(f"{len(packet.encode('utf-16-le')) // 2}:{packet}" for packet in packets).encode()


def packets_of(body):
    """Of the form in bytes."""
    found = []
    while body:
        assert body[0] == 0, body[:20]
        end = body.index(0xFF)
        length = int("".join(str(digit) for digit in body[1:end]))
        found.append(body[end + 1 : end + 1 + length].decode())
        body = body[end + 1 + length :]
    return found


def text_packets_of(body):
    """Of the form in text."""
    text, found = body.decode(), []
    while text:
        length, text = text.split(":", 1)
        units = text.encode("utf-16-le")
        found.append(units[: 2 * int(length)].decode("utf-16-le"))
        text = units[2 * int(length) :].decode("utf-16-le")
    return found


class Polling:
    def __init__(self, port, query="EIO=3&transport=polling"):
        self.port, self.query, self.sid = port, query, None
        self.waiting = []

    def request(self, method, body=None, query=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        sid = f"&sid={self.sid}" if self.sid else ""
        connection.request(method, f"/socket.io/?{query or self.query}{sid}", body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer, content

    def poll(self):
        answer, content = self.request("GET")
        assert answer.status == 200, content
        return packets_of(content)

    def open(self):
        packets = self.poll()
        assert packets[0][0] == "0", packets
        self.greeting = json.loads(packets[0][1:])
        self.sid = self.greeting["sid"]
        self.waiting = packets[1:]
        return self

    def next(self):
        while not self.waiting:
            self.waiting = self.poll()
        return self.waiting.pop(0)

    def send(self, *packets):
        answer, content = self.request("POST", payload(*packets))
        assert (answer.status, content) == (200, b"OK"), content


class Websocket:
    def __init__(self, port, path="/socket.io/?EIO=3&transport=websocket", headers=None, wrap=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=40)
        if wrap:
            self.socket = wrap(self.socket)
        key = base64.b64encode(os.urandom(16)).decode()
        lines = {"Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": key, "Sec-WebSocket-Version": "13"}
        lines |= headers or {}
        request = f"GET {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items() if v is not None) + "\r\n"
        self.socket.sendall(request.encode())
        self.file = self.socket.makefile("rb")
        self.status = int(self.file.readline().split()[1])
        self.headers = {}
        for line in iter(self.file.readline, b"\r\n"):
            name, value = line.decode().strip().split(": ", 1)
            self.headers[name.lower()] = value
        if self.status == 101:
            proof = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
            assert self.headers["sec-websocket-accept"] == proof

    def frame(self, opcode, data, end=True, mask=True):
        head = bytes([opcode | (0x80 if end else 0)])
        bit, length = 0x80 if mask else 0, len(data)
        if length < 126:
            head += bytes([bit | length])
        elif length < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", length)
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", length)
        if not mask:
            return head + data
        key = os.urandom(4)
        return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(data))

    def send(self, text):
        self.socket.sendall(self.frame(1, text.encode()))

    def receive_frame(self):
        """Opcode and data; (None, b"") at the end."""
        try:
            return self.read_frame()
        except ConnectionError:
            return None, b""

    def read_frame(self):
        head = self.file.read(2)
        if len(head) < 2:
            return None, b""
        length = head[1] & 0x7F
        if length == 126:
            length = struct.unpack(">H", self.file.read(2))[0]
        elif length == 127:
            length = struct.unpack(">Q", self.file.read(8))[0]
        return head[0] & 0x0F, self.file.read(length)

    def next(self):
        opcode, data = self.receive_frame()
        assert opcode == 1, (opcode, data)
        return data.decode()

    def close(self):
        self.file.close()
        self.socket.close()


def job_logging(token, job, position=0, **more):
    wish = {"auth_token": token, "log_id": job, "last_pos": position} | more
    return "42" + json.dumps(["job_logging", wish])


def event_of(packet):
    assert packet.startswith("42"), packet
    name, argument = json.loads(packet[2:])
    assert name == "job"
    return argument


class Follower:
    """Follows a log in raw mode over either of the two, piece by piece."""

    def __init__(self, transport, token, job, position=0):
        self.transport, self.position, self.bytes = transport, position, b""
        transport.send(job_logging(token, job, position, raw_mode=True))

    def read(self, length):
        while len(self.bytes) < length:
            packet = self.transport.next()
            if not packet.startswith("42"):
                continue
            event = event_of(packet)
            assert event["last_pos"] == self.position, (event["last_pos"], self.position)
            piece = base64.b64decode(event["raw"])
            self.bytes += piece
            self.position += len(piece)
        return self.bytes
