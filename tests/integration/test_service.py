#!/usr/bin/env python3
"""What ghost-controller tells the service manager that runs it, and why it refuses to start."""
import contextlib
import os
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import unittest

import ghostlab

PATIENCE_US = 2_000_000


class Service(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ghost-service-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.http, link = (f"127.0.0.1:{ghostlab.free_port()}" for _ in range(2))
        self.link = link
        self.config = self.folder / "controller.conf"
        self.config.write_text(f"data_dir = {self.folder}/data\nhttp.listen = {self.http}\nlink.listen = {link}\naws.region = eu-west-1\n")
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.manager.close)
        self.manager.bind(str(self.folder / "notify"))
        self.manager.settimeout(30 * ghostlab.SLOWNESS)

    def start(self):
        environment = dict(os.environ, NOTIFY_SOCKET=str(self.folder / "notify"), WATCHDOG_USEC=str(PATIENCE_US))
        command = [str(ghostlab.CONTROLLER), "--config", str(self.config)]
        controller = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end, controller)
        return controller

    @staticmethod
    def end(controller):
        with contextlib.suppress(ProcessLookupError):
            controller.kill()
        controller.communicate()

    def told(self):
        return self.manager.recv(4096).decode()

    def test_it_is_ready_alive_and_stopping(self):
        controller = self.start()
        self.assertEqual(self.told(), f"READY=1\nSTATUS=REST on {self.http}, agents on {self.link}")
        # Ready means that it can be talked to.
        host, port = self.http.split(":")
        socket.create_connection((host, int(port)), 5).close()
        self.assertEqual([self.told() for _ in range(3)], ["WATCHDOG=1\n"] * 3)
        controller.terminate()
        while (last := self.told()) == "WATCHDOG=1\n":
            pass
        self.assertEqual(last, "STOPPING=1\nSTATUS=jobs that run are brought to where they can go on")
        self.assertEqual(controller.wait(30), 0)

    def test_a_database_of_a_newer_version_is_refused(self):
        controller = self.start()
        self.assertIn("READY=1", self.told())
        controller.terminate()
        controller.wait(30)
        self.manager.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while self.told():
                pass
        self.manager.settimeout(30 * ghostlab.SLOWNESS)
        database = self.folder / "data" / "ghost.db"
        with contextlib.closing(sqlite3.connect(database)) as connection:
            (known,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {known + 1}")
        before = database.read_bytes()
        controller = self.start()
        _, said = controller.communicate(timeout=30)
        self.assertEqual(controller.returncode, 1)
        reason = f"the database is of a newer Ghost ({known + 1}, this one knows {known}); install that version again"
        self.assertIn(reason, said)
        self.assertTrue(self.told().startswith("STATUS=") and said)
        self.assertEqual(database.read_bytes(), before)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_what_root_makes_belongs_to_the_owner_of_the_data(self):
        data = self.folder / "data"
        data.mkdir()
        self.folder.chmod(0o755)
        os.chown(data, 12345, 12346)
        command = [str(ghostlab.CONTROLLER), "--config", str(self.config), "user", "add", "ann", "--role", "admin"]
        subprocess.run(command, input=b"a-long-password\n", check=True, stdout=subprocess.DEVNULL)
        made = {(file.stat().st_uid, file.stat().st_gid) for file in data.iterdir()}
        self.assertEqual(made, {(12345, 12346)})


if __name__ == "__main__":
    unittest.main()
