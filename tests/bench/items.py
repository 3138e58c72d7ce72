#!/usr/bin/env python3
"""Item GETs a second over TLS: Ghost, nginx with a static file of the same size, Flask with gunicorn and SQLite.

Usage: items.py SERVER [--seconds S] [--rounds N]

All three on this machine in one run, one after the other, several rounds, the median counts; load by wrk on
loopback. Fails when Ghost serves less than half of nginx or less than six times Flask."""
import argparse
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "integration"))
import restlab  # noqa: E402

APP = {
    "name": "shop", "env": "dev", "role": "webfront", "vpc_id": "vpc-1", "region": "eu-west-1",
    "modules": [{"name": name, "git_repo": f"git@x:{name}", "scope": "code", "path": f"/srv/{name}"} for name in ("site", "api")],
}  # fmt: skip
NGINX = """
worker_processes {cores}; pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 1024; }}
http {{
    access_log off; sendfile on; keepalive_requests 100000000;
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {folder}/c.pem; ssl_certificate_key {folder}/k.pem; root {folder}/html; }}
}}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def make_certificate(folder):
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*command, "-keyout", folder / "k.pem", "-out", folder / "c.pem"], check=True, capture_output=True)


def call(port, method, path, body=None):
    context = ssl._create_unverified_context()  # our own certificate, on loopback
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    headers = {"Authorization": "Bearer olga", "Content-Type": "application/json"}
    connection.request(method, path, body and json.dumps(body), headers)
    response = connection.getresponse()
    data = response.read()
    assert response.status in (200, 201), (path, response.status, data)
    return data


def await_server(port, path):
    for _ in range(100):
        try:
            return call(port, "GET", path)
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"nothing answers on port {port}")


def requests_a_second(port, path, seconds):
    command = ["wrk", "-t2", "-c16", f"-d{seconds}", "-H", "Authorization: Bearer olga", f"https://127.0.0.1:{port}{path}"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in output, output
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output)[1])


class Peers:
    def __init__(self, server, folder):
        self.folder, self.processes = folder, []
        make_certificate(folder)
        (folder / "ghost").mkdir()
        self.ghost = restlab.RestServer(server, folder / "ghost", folder / "c.pem", folder / "k.pem", stderr=subprocess.DEVNULL)
        self.path = "/apps/" + json.loads(call(self.ghost.port, "POST", "/apps", APP))["_id"]
        self.item = call(self.ghost.port, "GET", self.path)
        self.targets = {"ghost": self.ghost.port, "nginx": self.start_nginx(), "flask": self.start_flask()}

    def start(self, *command, **environment):
        log = open(self.folder / "peers.log", "ab")
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | environment))

    def start_nginx(self):
        port = free_port()
        (self.folder / "html" / "apps").mkdir(parents=True)
        (self.folder / "html" / self.path[1:]).write_bytes(self.item)
        (self.folder / "nginx.conf").write_text(NGINX.format(folder=self.folder, port=port, cores=os.cpu_count()))
        # nginx's workers are somebody else when it is started by root.
        for path in (self.folder, self.folder / "html", self.folder / "html" / "apps"):
            path.chmod(0o755)
        self.start(shutil.which("nginx") or "/usr/sbin/nginx", "-c", str(self.folder / "nginx.conf"), "-e", str(self.folder / "error.log"))
        await_server(port, self.path)
        return port

    def start_flask(self):
        port, database = free_port(), self.folder / "flask.db"
        with sqlite3.connect(database) as connection:
            connection.execute("CREATE TABLE apps (id TEXT PRIMARY KEY, doc TEXT)")
            connection.execute("CREATE TABLE tokens (hash TEXT PRIMARY KEY)")
            connection.execute("INSERT INTO apps VALUES (?, ?)", (self.path.split("/")[-1], self.item.decode()))
            connection.execute("INSERT INTO tokens VALUES (?)", (hashlib.sha256(b"olga").hexdigest(),))
        self.start(
            "/usr/bin/python3", "-m", "gunicorn", "-b", f"127.0.0.1:{port}", "-w", str(os.cpu_count()), "-k", "gthread",
            "--threads", "4", "--keep-alive", "60", "--certfile", str(self.folder / "c.pem"),
            "--keyfile", str(self.folder / "k.pem"), "--chdir", str(HERE), "flask_peer:app", PEER_DATABASE=str(database),
        )  # fmt: skip
        await_server(port, self.path)
        return port

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
        self.ghost.stop()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ghost-bench-") as folder:
        peers = Peers(options.server, pathlib.Path(folder))
        rates = {name: [] for name in peers.targets}
        try:
            for _ in range(options.rounds):
                for name, port in peers.targets.items():
                    rates[name].append(requests_a_second(port, peers.path, options.seconds))
        finally:
            peers.stop()
    medians = {name: statistics.median(values) for name, values in rates.items()}
    print(f"an item of {len(peers.item)} bytes over TLS, 16 connections, requests a second")
    for name, values in rates.items():
        print(f"{name:6} {medians[name]:9.0f}   ({', '.join(f'{value:.0f}' for value in values)})")
    of_nginx, of_flask = medians["ghost"] / medians["nginx"], medians["ghost"] / medians["flask"]
    print(f"ghost / nginx {of_nginx:.2f} (goal 0.5), ghost / flask {of_flask:.1f} (goal 6)")
    if of_nginx < 0.5 or of_flask < 6:
        sys.exit("below the goal")


if __name__ == "__main__":
    main()
