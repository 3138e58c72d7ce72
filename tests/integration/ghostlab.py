"""A whole Ghost on loopback for one test: ghost-sandbox, ghost-controller, agents in sandbox instances, git repositories.

Everything is real but the cloud; everything lives in one temporary folder and is ended by process id. Waits have
deadlines and look at states; nothing sleeps for a fixed time and hopes.
"""

import base64
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("GHOST_BUILD", SOURCE / "build"))
CONTROLLER = BUILD / "controller" / "ghost-controller"
AGENT = BUILD / "agent" / "ghost-agent"
CLI = BUILD / "ui" / "cli" / "ghost"
SANDBOX = SOURCE / "tests" / "sandbox" / "ghost-sandbox"
PYTHON = "/usr/bin/python3"

# Instrumented programs are several times slower.
SLOWNESS = float(os.environ.get("GHOST_TEST_SLOWNESS", "1"))
ACCESS_KEY, SECRET_KEY = "AKIDSANDBOXTEST", "sandbox-test-secret"
FINAL = ("done", "failed", "aborted", "cancelled")


def b64(text):
    return base64.b64encode(text.encode()).decode()


PORT_LOCKS = pathlib.Path(tempfile.gettempdir()) / f"ghost-test-ports-{os.getuid()}"
ours = []  # open files: their locks end with this process


def is_ours(port):
    """Between the choice and the listening another test may choose as well: not what is locked."""
    PORT_LOCKS.mkdir(mode=0o700, exist_ok=True)
    lock = open(PORT_LOCKS / str(port), "w", encoding="ascii")  # noqa: SIM115 (it stays open)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return False
    ours.append(lock)
    return True


def free_port():
    """One that no connection is given meanwhile: below those the kernel hands out (from 32768 on)."""
    while True:
        port = random.randrange(10000, 32000)
        if not is_ours(port):
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def wait_for(what, condition, seconds=60):
    """Polls until condition() is truthy and returns it; fails naming what was waited for. A file that is not there yet, or whose
    instance has just ended, is looked for again."""
    end = time.monotonic() + seconds * SLOWNESS
    while True:
        value = missing = None
        try:
            value = condition()
        except FileNotFoundError as error:
            missing = error
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds * SLOWNESS:.0f} s in vain for {what}") from missing
        time.sleep(0.05)


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)


class Repository:
    """A real git repository on disk."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words):
        environment = dict(os.environ, GIT_CONFIG_NOSYSTEM="1", HOME=str(self.path.parent))
        for kind in ("AUTHOR", "COMMITTER"):
            environment[f"GIT_{kind}_NAME"], environment[f"GIT_{kind}_EMAIL"] = "Test", "test@example.com"
        done = subprocess.run(["git", "-C", str(self.path), *words], env=environment, check=True, capture_output=True)
        return done.stdout.decode().strip()

    def commit(self, files, message, tag=None):
        for name, content in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        if tag:
            self.git("tag", tag)
        return self.git("rev-parse", "HEAD")

    @property
    def url(self):
        return str(self.path)


class Lab(contextlib.AbstractContextManager):
    def __init__(self, settings=None, sandbox_arguments=()):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ghost-lab-"))
        self.settings = dict(settings or {})
        self.sandbox_arguments = list(sandbox_arguments)
        self.sandbox = self.controller = None
        self.http_port, self.link_port = free_port(), free_port()
        self.password = "secret-of-the-lab"
        self.features = self.folder / "features"
        self.features.mkdir()
        self.ended = False

    # ---- life ----------------------------------------------------------------------------------------------------

    def __enter__(self):
        try:
            self.start_sandbox()
            self.write_settings()
            self.add_user("admin", "admin")
            self.start_controller()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            self.print_logs()
        self.close()

    def close(self):
        if self.ended:
            return
        self.ended = True
        self.stop(self.controller)
        self.stop(self.sandbox)
        status = self.controller.returncode if self.controller else 0
        if status not in (0, -signal.SIGKILL):
            print((self.folder / "controller.log").read_text(errors="replace")[-8000:])
        if os.environ.get("GHOST_KEEP_LAB"):
            print("kept", self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        # Sanitizers speak through the exit status.
        assert status in (0, -signal.SIGKILL), f"the controller ended with {status}"

    @staticmethod
    def stop(process, seconds=30):
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def print_logs(self):
        for name in ("controller.log", "sandbox.log"):
            path = self.folder / name
            if path.exists():
                print(f"---- {name} (end)")
                print(path.read_text(errors="replace")[-6000:])
        for path in sorted((self.folder / "data" / "logs").glob("*.txt")):
            print(f"---- job {path.name} (end)")
            print(path.read_text(errors="replace")[-3000:])

    def start_sandbox(self):
        state = self.folder / "sandbox"
        port_file = self.folder / "sandbox.port"
        port_file.unlink(missing_ok=True)
        log = open(self.folder / "sandbox.log", "ab")
        command = [PYTHON, str(SANDBOX), "--state-dir", str(state), "--port", "0", "--port-file", str(port_file)]
        command += ["--agent", str(AGENT), "--fast", "--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY]
        command += ["--region", "eu-west-1", *self.sandbox_arguments]
        self.sandbox = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("the sandbox's port", lambda: self.alive(self.sandbox) and port_file.exists() and port_file.read_text().strip())
        self.endpoint = f"http://127.0.0.1:{port_file.read_text().strip()}"
        self.cloud = wait_for("sandbox.json", lambda: self.read_json(state / "sandbox.json"))

    @staticmethod
    def alive(process):
        if process.poll() is not None:
            raise AssertionError(f"{process.args[0:2]} ended with {process.returncode}")
        return True

    @staticmethod
    def read_json(path):
        try:
            return json.loads(path.read_text())
        except (OSError, ValueError):
            return None

    def write_settings(self):
        values = {
            "data_dir": self.folder / "data",
            "http.listen": f"127.0.0.1:{self.http_port}",
            "link.listen": f"127.0.0.1:{self.link_port}",
            "link.address": f"127.0.0.1:{self.link_port}",
            "link.heartbeat": "1s",
            "group.watch_interval": "200ms",
            "git.allow_file": "yes",
            "features.dir": self.features,
            "aws.region": "eu-west-1",
            "aws.endpoint_url": self.endpoint,
            "aws.access_key_id": ACCESS_KEY,
            "aws.secret_access_key": SECRET_KEY,
            "aws.poll_interval": "100ms",
            "aws.identity_certificate": self.cloud["identity_certificate"],
            "job.agent_wait": "20s",
            "job.boot_timeout": "60s",
            "log.level": "debug",
        }
        values.update(self.settings)
        self.config = self.folder / "controller.conf"
        self.config.write_text("".join(f"{name} = {value}\n" for name, value in values.items()))

    def add_user(self, name, role):
        command = [str(CONTROLLER), "--config", str(self.config), "user", "add", name, "--role", role]
        subprocess.run(command, input=self.password.encode() + b"\n", check=True, stdout=subprocess.DEVNULL)

    def start_controller(self):
        log = open(self.folder / "controller.log", "ab")
        command = [str(CONTROLLER), "--config", str(self.config)]
        self.controller = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        wait_for("the controller to answer", lambda: self.alive(self.controller) and self.answers(), 30)

    def answers(self):
        try:
            return self.call("GET", "/version").status == 200
        except OSError:
            return False

    def kill_controller(self):
        self.controller.send_signal(signal.SIGKILL)
        self.controller.wait()

    def restart_controller(self):
        self.kill_controller()
        self.start_controller()

    # ---- REST ----------------------------------------------------------------------------------------------------

    def call(self, method, path, body=None, headers=None, user="admin", password=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=30)
        fields = {"Content-Type": "application/json"}
        if user:
            fields["Authorization"] = "Basic " + b64(f"{user}:{password or self.password}")
        fields.update(headers or {})
        with contextlib.closing(connection):
            connection.request(method, path, json.dumps(body) if body is not None else None, fields)
            answer = connection.getresponse()
            return Reply(answer.status, answer.headers, answer.read())

    def get(self, path):
        reply = self.call("GET", path)
        assert reply.status == 200, f"GET {path}: {reply.status} {reply.body!r}"
        return reply.json

    def create_app(self, modules, name="shop", features=(), **fields):
        body = {
            "name": name,
            "env": "dev",
            "role": "webfront",
            "region": "eu-west-1",
            "instance_type": "t3.micro",
            "vpc_id": self.cloud["vpc_id"],
            "build_infos": {
                "ssh_username": "admin",
                "source_ami": self.cloud["base_image_id"],
                "subnet_id": self.cloud["subnet_ids"][0],
            },
            "environment_infos": {
                "subnet_ids": [self.cloud["subnet_ids"][0]],
                "security_groups": [self.cloud["security_group_id"]],
            },
            "modules": list(modules),
            "features": list(features),
        }
        body.update(fields)
        reply = self.call("POST", "/apps", body)
        assert reply.status == 201, f"POST /apps: {reply.status} {reply.body!r}"
        return reply.json["_id"]

    def change_app(self, app_id, **fields):
        etag = self.get(f"/apps/{app_id}")["_etag"]
        reply = self.call("PATCH", f"/apps/{app_id}", fields, {"If-Match": etag})
        assert reply.status == 200, f"PATCH: {reply.status} {reply.body!r}"

    def submit(self, app_id, command, **fields):
        reply = self.call("POST", "/jobs", {"app_id": app_id, "command": command, **fields})
        assert reply.status == 201, f"POST /jobs: {reply.status} {reply.body!r}"
        return reply.json["_id"]

    def job(self, job_id):
        return self.get(f"/jobs/{job_id}")

    def wait_job(self, job_id, seconds=90):
        return wait_for(f"job {job_id} to end", lambda: (lambda job: job["status"] in FINAL and job)(self.job(job_id)), seconds)

    def log(self, job_id):
        reply = self.call("GET", f"/jobs/{job_id}/logs")
        return reply.body.decode(errors="replace") if reply.status == 200 else ""

    def wait_log(self, job_id, words, seconds=60):
        wait_for(f"'{words}' in the log of {job_id}", lambda: words in self.log(job_id), seconds)

    def run(self, app_id, command, expect="done", seconds=90, **fields):
        job = self.wait_job(self.submit(app_id, command, **fields), seconds)
        assert job["status"] == expect, f"{command}: {job['status']}: {job['message']}\n{self.log(job['_id'])[-3000:]}"
        return job

    def deploy(self, app_id, modules, expect="done", **fields):
        wanted = [{"name": name, "rev": rev} for name, rev in modules.items()]
        return self.run(app_id, "deploy", expect, modules=wanted, **fields)

    def instances(self, app_id):
        return [i for i in self.get("/instances?max_results=200")["_items"] if i["app_id"] == app_id and i["state"] != "gone"]

    def ready_app(self, modules, instances=1, **fields):
        """An application with an image and that many bootstrapped instances."""
        app_id = self.create_app(modules, **fields)
        self.run(app_id, "buildimage")
        for _ in range(instances):
            self.run(app_id, "createinstance")
        return app_id

    # ---- what instances serve or hold ----------------------------------------------------------------------------

    def sandbox_state(self):
        port = int(self.endpoint.rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/_sandbox/state")
            return json.loads(connection.getresponse().read())

    def sandbox_instances(self):
        return self.sandbox_state()["instances"]

    def sandbox_instance(self, instance):
        (found,) = [i for i in self.sandbox_instances() if i["id"] == instance["instance_id"]]
        return found

    def sandbox_post(self, path, body):
        port = int(self.endpoint.rsplit(":", 1)[1])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", path, json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 300, f"POST {path}: {answer.status} {text!r}"

    def agent_pid(self, instance):
        return self.sandbox_instance(instance)["agent"]["host_pid"]

    def instance_root(self, instance):
        """Its disk as seen from here; FileNotFoundError: it has ended."""
        root = self.sandbox_instance(instance)["root"]
        if not root:
            raise FileNotFoundError(f"{instance['instance_id']} has ended: it has no disk any more")
        return pathlib.Path(root)

    def instance_file(self, instance, path):
        """A file of the instance as seen from here, its symbolic links followed inside the instance's root."""
        root = current = self.instance_root(instance)
        parts = [part for part in path.split("/") if part]
        for _ in range(100):
            if not parts:
                return current
            current = current / parts.pop(0)
            if current.is_symlink():
                target = os.readlink(current)
                if target.startswith(f"{root.parent}/"):
                    # Without overlays, agents work outside their root and link to their releases as seen from here.
                    current = pathlib.Path(target)
                    continue
                parts = [part for part in target.split("/") if part] + parts
                current = root if target.startswith("/") else current.parent
        raise AssertionError(f"too many links in {path}")
