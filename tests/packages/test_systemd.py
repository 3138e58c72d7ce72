#!/usr/bin/env python3
"""The installed services under systemd itself: ready, confined, watched, restarted by an upgrade, stopped by a removal."""
import contextlib
import sqlite3
import unittest

import booted_root
import built_packages
import clean_root
from machinecase import MachineCase

from ghostlab import free_port, wait_for  # isort: skip (built_packages knows where it is)

CONTROLLER, AGENT = "ghost-controller.service", "ghost-agent.service"
# What build packs do, in the confinement of the unit.
WORK = """set -e
cd /var/lib/ghost
mkdir work-of-a-test
cd work-of-a-test
git init -q -b main one
cd one
git config user.name t
git config user.email t@example.com
echo x >file
git add file
git commit -q -m first
cd ..
git clone -q one two
cp -a two/file copy
install -m 755 copy tool
tar -cf all.tar copy tool
tar -xf all.tar
getent hosts localhost
nice -n 5 true
test "$(nproc)" -ge 1
! touch /etc/nothing /usr/nothing 2>/dev/null
! ls /root 2>/dev/null
! chown 0 copy 2>/dev/null
echo all of it worked
"""


class Services(MachineCase):
    def setUp(self):
        super().setUp()
        self.root.apt("update")
        self.root.apt("install", "systemd", "systemd-sysv", "dbus", *self.files("packages"))
        self.http, link = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
        self.add("etc/ghost/controller.conf", f"\nhttp.listen = {self.http}\nlink.listen = {link}\naws.region = eu-west-1\n")
        # Nobody answers there: the agent runs and tries.
        self.add("etc/ghost/agent.conf", f"metadata_endpoint = http://127.0.0.1:{free_port()}\n")
        try:
            self.machine = self.enterContext(booted_root.Booted(self.root, self.folder / "boot.log"))
        except booted_root.NoSystemd as reason:
            self.skipTest(str(reason))

    def add(self, path, text):
        with open(self.root.path / path, "a", encoding="utf-8") as file:
            file.write(text)

    def files(self, folder):
        return sorted("/" + str(file.relative_to(self.root.path)) for file in (self.root.path / folder).glob("*.deb"))

    def wait_active(self, unit):
        wait_for(f"{unit} to be active", lambda: self.machine.show(unit)["ActiveState"] == "active")
        return self.machine.show(unit)

    def check_ready(self):
        self.machine.run("systemctl", "start", CONTROLLER, AGENT)
        controller, agent = self.wait_active(CONTROLLER), self.wait_active(AGENT)
        self.assertTrue(controller["StatusText"].startswith(f"REST on {self.http}, agents on "), controller["StatusText"])
        self.assertEqual(agent["StatusText"], "learning who this instance is")
        before = controller["MainPID"]
        self.machine.run("systemctl", "reload", CONTROLLER)
        self.assertEqual(self.wait_active(CONTROLLER)["MainPID"], before)

    def check_confinement(self):
        """Another program with the unit's own lines."""
        lines = (self.root.path / "lib/systemd/system" / CONTROLLER).read_text().splitlines()
        ours = ("Capability", "NoNew", "Protect", "Private", "RemoveIPC", "Lock", "RestrictA", "RestrictN", "RestrictR", "RestrictS", "SystemCall", "StateDir",
                "UMask", "User", "Group", "Environment")
        options = [word for line in lines if line.startswith(ours) for word in ("-p", line)]
        said = self.machine.run("systemd-run", "--quiet", "--wait", "--pipe", *options, "/bin/sh", "-c", WORK)
        self.assertIn("all of it worked", said)

    def check_watchdog(self):
        folder = "/run/systemd/system/ghost-controller.service.d"
        self.machine.run("sh", "-c", f"mkdir -p {folder} && printf '[Service]\\nWatchdogSec=2s\\nRestartSec=100ms\\n' >{folder}/quick.conf")
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "restart", CONTROLLER)
        restarts = int(self.wait_active(CONTROLLER)["NRestarts"])
        self.machine.run("systemctl", "kill", "--signal=STOP", CONTROLLER)
        wait_for("the watchdog to restart it", lambda: int(self.machine.show(CONTROLLER)["NRestarts"]) == restarts + 1)
        self.wait_active(CONTROLLER)

    def check_newer_database(self):
        self.machine.run("systemctl", "stop", CONTROLLER)
        with contextlib.closing(sqlite3.connect(self.root.path / "var/lib/ghost/ghost.db")) as database:
            (known,) = database.execute("PRAGMA user_version").fetchone()
            database.execute(f"PRAGMA user_version = {known + 1}")
            self.machine.run("systemctl", "start", CONTROLLER, expect=1)
            self.assertIn("the database is of a newer Ghost", self.machine.show(CONTROLLER)["StatusText"])
            self.machine.run("systemctl", "stop", CONTROLLER)
            database.execute(f"PRAGMA user_version = {known}")
        self.machine.run("systemctl", "start", CONTROLLER)

    def apt(self, *words):
        self.machine.run("apt-get", "-q", "-y", "-o", "Dpkg::Use-Pty=0", *words)

    def check_upgrade(self):
        before = {unit: self.wait_active(unit)["MainPID"] for unit in (CONTROLLER, AGENT)}
        self.apt("install", *self.files("packages-later"))
        for unit, pid in before.items():
            self.assertNotIn(self.wait_active(unit)["MainPID"], (pid, "0"))
        # Whoever stopped the agent wants it stopped.
        self.machine.run("systemctl", "stop", AGENT)
        self.apt("install", "--allow-downgrades", *self.files("packages"))
        self.wait_active(CONTROLLER)
        self.assertEqual(self.machine.show(AGENT)["ActiveState"], "inactive")
        self.machine.run("systemctl", "start", AGENT)

    def check_removal(self):
        self.apt("remove", *built_packages.NAMES)
        for unit in (CONTROLLER, AGENT):
            shown = self.machine.show(unit)
            self.assertEqual((shown["ActiveState"], shown["MainPID"]), ("inactive", "0"))

    def test_what_systemd_makes_of_them(self):
        self.check_ready()
        self.check_confinement()
        self.check_watchdog()
        self.check_newer_database()
        self.check_upgrade()
        self.check_removal()


if __name__ == "__main__":
    if built_packages.why_not() is None:
        clean_root.enter_own_mounts()
    unittest.main()
