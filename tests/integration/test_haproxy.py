#!/usr/bin/env python3
"""Safe deploys behind a real HAProxy, by its own runtime API and by Cloud Deploy's, seen by those who use the site."""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import threading
import unittest

import ghostlab
from awslab import AwsLab
from ghostlab import b64, free_port, wait_for
from http_load import HttpLoad
from site_server import PORT, SERVER

HAPROXY = "/usr/sbin/haproxy"
CONFIG = """global
    stats socket ipv4@{host}:9999 level admin
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
frontend site
    bind 127.0.0.1:{port}
    default_backend web
backend web
    option httpchk GET /
    default-server check inter 100 fall 2 rise 2
{servers}"""


class Haproxy:
    """The process, and what its runtime API says."""

    def __init__(self, folder, host, addresses):
        self.host, self.port = host, free_port()
        servers = "".join(f"    server s{number} {address}:{PORT}\n" for number, address in enumerate(addresses))
        path = pathlib.Path(folder) / "haproxy.cfg"
        path.write_text(CONFIG.format(host=host, port=self.port, servers=servers))
        self.process = subprocess.Popen([HAPROXY, "-db", "-f", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for("all servers to be up", lambda: set(self.states().values()) == {"UP"}, 30)

    def ask(self, line):
        with contextlib.suppress(OSError), socket.create_connection((self.host, 9999), timeout=5) as connection:
            connection.sendall(line.encode() + b"\n")
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode()
        return ""

    def states(self):
        rows = [row.split(",") for row in self.ask("show stat web 4 -1").splitlines() if row.startswith("web,")]
        return {row[73].split(":")[0]: row[17].split()[0] for row in rows}

    def stop(self):
        self.process.kill()
        self.process.wait()


class Hapi(http.server.ThreadingHTTPServer):
    """Cloud Deploy's API beside a HAProxy, carried out by the runtime API of the real one."""

    def __init__(self, haproxy, port):
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/haproxy?show":
                    self.reply({"backends": ["web"]})
                else:
                    words = {"UP": "up", "MAINT": "maint", "DRAIN": "maint", "DOWN": "down"}
                    self.reply({"web": [{"ip": ip, "name": ip, "status": words[state]} for ip, state in haproxy.states().items()]})

            def do_POST(self):
                order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.orders.append(order["action"])
                names = {row.split(",")[73].split(":")[0]: row.split(",")[1]
                         for row in haproxy.ask("show stat web 4 -1").splitlines() if row.startswith("web,")}
                for one in order["data"]:
                    state = {"disableserver": "maint", "enableserver": "ready"}[order["action"]]
                    haproxy.ask(f"set server web/{names[one['name']]} state {state}")
                self.reply({})

            def reply(self, body):
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.orders = []
        super().__init__((haproxy.host, port), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


# A release that is being switched is not served: whoever is sent to it meanwhile sees it.
PRE_DEPLOY = '#!/bin/sh\nrm -f "$GHOST_ROOT_DIR/srv/site"\nsleep 0.5\n'


class BehindHaproxy(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lab = lab = cls.enterClassContext(AwsLab())
        (lab.features / "site-server.sh").write_text(SERVER)
        repository = ghostlab.Repository(lab.folder / "site")
        for number in range(1, 6):
            repository.commit({"page.html": f"version {number}\n"}, f"version {number}", tag=f"v{number}")
        repository.commit({"page.html": "broken\n", "broken": ""}, "broken", tag="broken")
        cls.module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site",
                      "post_deploy": b64("#!/bin/sh\n[ ! -e broken ] || exit 7\n")}
        cls.app_id = lab.create_app([cls.module], features=[{"name": "site-server", "provisioner": "shell"}])
        lab.run(cls.app_id, "buildimage")
        for _ in range(3):
            lab.run(cls.app_id, "createinstance")
        lab.deploy(cls.app_id, {"site": "v1"})
        cls.addresses = [instance["private_ip"] for instance in lab.instances(cls.app_id)]
        tags = [{"Key": key, "Value": value} for key, value in (("app", "front"), ("env", "dev"), ("role", "loadbalancer"))]
        host = lab.boto("ec2").run_instances(ImageId=lab.cloud["base_image_id"], InstanceType="t3.micro", MinCount=1, MaxCount=1,
                                             SubnetId=lab.cloud["subnet_ids"][0],
                                             TagSpecifications=[{"ResourceType": "instance", "Tags": tags}])["Instances"][0]
        wait_for("the HAProxy's instance", lambda: {i["id"]: i["state"] for i in lab.sandbox_instances()}[host["InstanceId"]] == "running")
        cls.haproxy = Haproxy(lab.folder, host["PrivateIpAddress"], cls.addresses)
        cls.addClassCleanup(cls.haproxy.stop)

    def settings(self, **more):
        self.lab.change_app(self.app_id, **{"safe-deployment": {
            "load_balancer_type": "haproxy", "wait_before_deploy": 0, "wait_after_deploy": 0, "app_tag_value": "front",
            "ha_backend": "web", "api_port": 9999, **more}})

    def load(self):
        return HttpLoad("127.0.0.1", self.haproxy.port, rate=80, most_seconds=180)

    def pages(self):
        return {self.lab.page_of(instance) for instance in self.lab.instances(self.app_id)}

    def safe_deploy(self, tag, expect="done", options=("serial", "1by1")):
        with self.load() as load:
            wait_for("requests", lambda: load.total > 20)
            job = self.lab.deploy(self.app_id, {"site": tag}, expect, options=list(options))
            seen = load.total
            wait_for("more requests", lambda: load.total > seen + 40)
        print(f"{self.id().rsplit('.', 1)[1]} {tag}: {load.total} requests, {len(load.failures)} failed")
        return job, load

    def test_by_its_runtime_api(self):
        self.settings(haproxy_api="runtime")
        job, load = self.safe_deploy("v2")
        self.assertEqual(load.failures, [])
        self.assertEqual(self.pages(), {"version 2\n"})
        self.assertEqual(set(self.haproxy.states().values()), {"UP"})
        self.assertIn("backend web of HAProxy", self.lab.log(job["_id"]))

    def test_by_cloud_deploys_api(self):
        port = free_port()
        hapi = Hapi(self.haproxy, port)
        self.addCleanup(hapi.server_close)
        self.addCleanup(hapi.shutdown)
        self.settings(api_port=port, haproxy_api="hapi")
        _, load = self.safe_deploy("v3")
        self.assertEqual(load.failures, [])
        self.assertEqual(self.pages(), {"version 3\n"})
        self.assertEqual(hapi.orders, ["disableserver", "enableserver"] * 3)

    def test_a_release_that_fails_goes_back(self):
        self.settings(haproxy_api="runtime")
        before = self.pages()
        job, load = self.safe_deploy("broken", expect="failed")
        self.assertEqual(load.failures, [])
        self.assertEqual(self.pages(), before)
        wait_for("all to be up", lambda: set(self.haproxy.states().values()) == {"UP"})
        self.assertIn("post_deploy exited with code 7", job["message"])

    def test_the_controller_dies_on_the_way(self):
        self.settings(haproxy_api="runtime")
        with self.load() as load:
            job_id = self.lab.submit(self.app_id, "deploy", modules=[{"name": "site", "rev": "v4"}], options=["serial", "1by1"])
            wait_for("a server to be out", lambda: "DRAIN" in self.haproxy.states().values(), 30)
            self.lab.restart_controller()
            job = self.lab.wait_job(job_id)
        self.assertEqual(job["status"], "done", job["message"])
        self.assertEqual(load.failures, [])
        self.assertEqual(self.pages(), {"version 4\n"})
        self.assertEqual(set(self.haproxy.states().values()), {"UP"})

    def test_without_care_users_see_it(self):
        """That the others see no failure means something."""
        self.lab.change_app(self.app_id, modules=[{**self.module, "pre_deploy": b64(PRE_DEPLOY)}])
        self.addCleanup(lambda: self.lab.change_app(self.app_id, modules=[self.module]))
        _, load = self.safe_deploy("v5", options=("parallel",))
        self.assertGreater(len(load.failures), 0)

    def test_what_cannot_begin(self):
        self.settings(app_tag_value="nobody", haproxy_api="runtime")
        job = self.lab.deploy(self.app_id, {"site": "v2"}, "failed", options=["serial", "1by1"])
        self.assertIn("no HAProxy runs", job["message"])
        self.settings(ha_backend="nowhere", haproxy_api="runtime")
        before = self.pages()
        job = self.lab.deploy(self.app_id, {"site": "v2"}, "failed", options=["serial", "1by1"])
        self.assertIn("backend nowhere", job["message"])
        self.assertEqual(self.pages(), before)


if __name__ == "__main__":
    if not shutil.which(HAPROXY):
        print("skipped: haproxy is not installed")
        sys.exit(77)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    unittest.main(verbosity=2)
