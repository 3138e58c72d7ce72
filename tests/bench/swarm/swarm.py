#!/usr/bin/env python3
"""A fleet on one machine: how long a deploy, a small command, a rollback and a reconnect take for 100, 1,000 and 5,000
agents, what that costs the controller; and in the same run Ansible over SSH doing the same copy and two commands.

Usage: swarm.py BUILD [--agents 100,1000,5000] [--targets 20,100]

Agents are simulated (swarm.c): real links, TLS, enrolment and packages, hooks that are `true`; no machine around each.
Ansible's targets are addresses of this machine behind one sshd of our own. Goals: an instance costs Ghost a hundredth of
what it costs Ansible; 1,000 agents are rolled back within 30 s."""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "integration"))

FILES, FILE_BYTES = 20, 5000
GOAL_RATIO, GOAL_ROLLBACK_S = 100, 30
SCRIPT = "#!/bin/sh\ntrue\n"


def seconds(call):
    begin = time.monotonic()
    call()
    return time.monotonic() - begin


# ---- Ghost -----------------------------------------------------------------------------------------------------------


class Fleet:
    """A controller with an application, and that many agents."""

    def __init__(self, lab, ghostlab, build, count):
        self.lab, self.ghostlab, self.build, self.count = lab, ghostlab, build, count
        self.swarm = None
        # Every instance has a disk of its own; this machine has one for all, so theirs are in memory.
        self.folder = tempfile.mkdtemp(prefix="ghost-swarm-", dir="/dev/shm")
        repository = ghostlab.Repository(lab.folder / "site")
        hook = ghostlab.b64(SCRIPT)
        for tag in ("v1", "v2"):
            repository.commit({f"page-{n}.html": f"{tag} {n}\n".ljust(FILE_BYTES, ".") for n in range(FILES)}, tag, tag=tag)
        self.app_id = lab.create_app([{"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site",
                                       "pre_deploy": hook, "post_deploy": hook}])

    def connected(self):
        return self.lab.get("/health")["agents_connected"]

    def wait_connected(self):
        self.ghostlab.wait_for(f"{self.count} agents", lambda: self.connected() >= self.count, 900)

    def start(self):
        lab = self.lab
        program = self.build / "tests/bench/swarm"
        database = lab.folder / "data/ghost.db"
        tokens = subprocess.run([program, "tokens", database, self.app_id, str(self.count)], check=True, capture_output=True).stdout
        log = open(lab.folder / "swarm.log", "ab")
        command = [program, "run", f"127.0.0.1:{lab.link_port}", lab.folder / "data/tls/ca.pem", self.folder]
        self.swarm = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        self.swarm.stdin.write(tokens)
        self.swarm.stdin.close()
        self.wait_connected()
        where = '{"app_id":"%s","bootstrapped":true}' % self.app_id
        self.ghostlab.wait_for("the last report", lambda: self.lab.get(f"/instances?max_results=1&where={where}")["_meta"]["total"] == self.count)

    def stop(self):
        if self.swarm:
            self.lab.stop(self.swarm, 120)
        shutil.rmtree(self.folder, ignore_errors=True)

    def job(self, command, **fields):
        """Seconds from the POST to the job's end, which is after the last receipt."""
        job_id = None

        def whole():
            nonlocal job_id
            job_id = self.lab.submit(self.app_id, command, **fields)
            job = self.lab.wait_job(job_id, 900)
            assert job["status"] == "done", job["message"][:2000]

        return seconds(whole)

    def deployment(self, revision):
        rows = self.lab.get("/deployments?max_results=50")["_items"]
        return next(row["_id"] for row in rows if row["app_id"] == self.app_id and row["revision"] == revision)

    def restart(self):
        """Seconds from the controller's start to the last agent's return."""
        self.lab.kill_controller()
        begin = time.monotonic()
        self.lab.start_controller()
        self.wait_connected()
        return time.monotonic() - begin

    def usage(self):
        """(MiB resident, CPU seconds so far) of the controller."""
        pid = self.lab.controller.pid
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        return resident / 1024, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_ghost(build, count):
    os.environ["GHOST_BUILD"] = str(build)
    import ghostlab

    settings = {"link.connections": str(count + 1000), "link.connections_per_address": str(count + 1000), "log.level": "warn",
                "link.heartbeat": "20s", "aws.janitor_interval": "1h", "group.watch_interval": "5s"}
    with ghostlab.Lab(settings, ["--no-boot"]) as lab:
        fleet = Fleet(lab, ghostlab, build, count)
        try:
            result = {"agents": count, "enrol": seconds(fleet.start)}
            _, before = fleet.usage()
            parallel = {"options": ["parallel"]}
            result["deploy"] = fleet.job("deploy", modules=[{"name": "site", "rev": "v1"}], **parallel)
            result["deploy cpu"] = fleet.usage()[1] - before
            fleet.job("deploy", modules=[{"name": "site", "rev": "v2"}], **parallel)
            result["command"] = fleet.job("executescript", options=[ghostlab.b64("#!/bin/sh\ntrue\n"), "", "parallel"])
            result["rollback"] = fleet.job("redeploy", options=[fleet.deployment("v1"), "parallel"])
            result["rss"] = fleet.usage()[0]
            result["reconnect"] = fleet.restart()
            return result
        finally:
            fleet.stop()


# ---- Ansible ---------------------------------------------------------------------------------------------------------

PLAYBOOK = """- hosts: all
  gather_facts: false
  tasks:
    - command: "true"
    - unarchive: {{src: "{archive}", dest: "{folder}/{{{{ inventory_hostname }}}}"}}
    - command: "true"
"""
SSHD = """Port {port}
ListenAddress 0.0.0.0
HostKey {folder}/host
AuthorizedKeysFile {folder}/key.pub
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin yes
MaxStartups 500
MaxSessions 500
"""
CONFIG = """[defaults]
host_key_checking = False
forks = {forks}
interpreter_python = /usr/bin/python3
[ssh_connection]
pipelining = True
"""


def measure_ansible(folder, port, count):
    """Seconds for the playbook over so many targets; the connections are new each time, as for a first deploy."""
    names = [f"127.0.{2 + n // 250}.{n % 250 + 1}" for n in range(count)]
    for name in names:
        (folder / "targets" / name).mkdir(parents=True, exist_ok=True)
    inventory = folder / "inventory"
    inventory.write_text("".join(f"{name} ansible_port={port} ansible_ssh_private_key_file={folder}/key\n" for name in names))
    (folder / "ansible.cfg").write_text(CONFIG.format(forks=min(count, 50)))
    (folder / "play.yml").write_text(PLAYBOOK.format(archive=folder / "site.tar", folder=folder / "targets"))
    environment = dict(os.environ, ANSIBLE_CONFIG=str(folder / "ansible.cfg"), HOME=str(folder), ANSIBLE_SSH_CONTROL_PATH_DIR=str(folder / "cp"))

    def play():
        done = subprocess.run(["/usr/bin/ansible-playbook", "-i", inventory, folder / "play.yml"], env=environment, capture_output=True)
        assert done.returncode == 0, done.stdout.decode()[-3000:] + done.stderr.decode()[-1000:]

    return seconds(play)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def with_sshd(folder, work):
    import ghostlab

    port = ghostlab.free_port()
    for name in ("host", "key"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / name], check=True)
    site = folder / "site"
    site.mkdir()
    for number in range(FILES):
        (site / f"page-{number}.html").write_text(f"v1 {number}\n".ljust(FILE_BYTES, "."))
    subprocess.run(["tar", "-C", site, "-cf", folder / "site.tar", "."], check=True)
    (folder / "sshd_config").write_text(SSHD.format(port=port, folder=folder))
    pathlib.Path("/run/sshd").mkdir(exist_ok=True)
    sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-f", folder / "sshd_config"], stderr=subprocess.DEVNULL)
    try:
        ghostlab.wait_for("sshd", lambda: listens(port))
        return work(port)
    finally:
        sshd.terminate()
        sshd.wait()


def measure_all_ansible(counts):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="ghost-ansible-"))
    try:
        return with_sshd(folder, lambda port: {count: measure_ansible(folder, port, count) for count in counts})
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# ---- the table -------------------------------------------------------------------------------------------------------


def verdict(good):
    return "met" if good else "NOT met"


def each_ms(took, count):
    return f"{took / count * 1000:.1f}"


def ghost_line(row, fastest):
    """The cells of a fleet, and whether its goals are met; fastest: seconds that a target costs Ansible at its best."""
    goals, ratio = [], ""
    if fastest:
        times = fastest / (row["deploy"] / row["agents"])
        ratio = f"{times:.0f}"
        goals.append((f"{GOAL_RATIO} times Ansible", times >= GOAL_RATIO))
    if row["agents"] == 1000:
        goals.append((f"back within {GOAL_ROLLBACK_S} s", row["rollback"] <= GOAL_ROLLBACK_S))
    said = "; ".join(f"{what}: {verdict(good)}" for what, good in goals)
    cells = ["Ghost", row["agents"], f"{row['enrol']:.1f}", f"{row['deploy']:.1f}", each_ms(row["deploy"], row["agents"]), ratio,
             f"{row['command']:.1f}", f"{row['rollback']:.1f}", f"{row['reconnect']:.1f}", f"{row['rss']:.0f}", f"{row['deploy cpu']:.1f}", said]
    return cells, all(good for _, good in goals)


HEADER = ["", "instances", "enrolled s", "deploy s", "ms each", "times Ansible", "command s", "rollback s", "reconnect s", "controller MiB",
          "its CPU s in the deploy", "goals"]


def show(results, ansible):
    """Prints the table; whether all goals are met."""
    fastest = min((took / count for count, took in ansible.items()), default=0)
    lines = [ghost_line(row, fastest) for row in results]
    rows = [HEADER, *(cells for cells, _ in lines)]
    rows += [["Ansible", count, "", f"{took:.1f}", each_ms(took, count)] for count, took in ansible.items()]
    rows = [[str(cell) for cell in row] + [""] * (len(HEADER) - len(row)) for row in rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
    for row in rows:
        print(" | ".join(cell.ljust(width) if column in (0, len(HEADER) - 1) else cell.rjust(width)
                         for column, (cell, width) in enumerate(zip(row, widths))).rstrip())
    return all(good for _, good in lines)


def numbers(text):
    return [int(word) for word in text.split(",") if word]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--agents", type=numbers, default=[100, 1000, 5000])
    parser.add_argument("--targets", type=numbers, default=[20, 100])
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    ansible = measure_all_ansible(arguments.targets) if arguments.targets else {}
    results = [measure_ghost(arguments.build.resolve(), count) for count in arguments.agents]
    return 0 if show(results, ansible) else 1


if __name__ == "__main__":
    sys.exit(main())
