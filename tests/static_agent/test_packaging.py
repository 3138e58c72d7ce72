#!/usr/bin/env python3
"""What packaging/agent offers to those who bake elsewhere: the Ansible role is run, cloud-init's schema is asked, and the
script within the cloud-init snippet is run against a server of our own. Packer itself is not to be had as a package: of its
example only the form is looked at."""
import contextlib
import http.server
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
import unittest

import root_folders
from static_program import SOURCE, static_agent

PACKAGING = SOURCE / "packaging" / "agent"
SNIPPET = PACKAGING / "cloud-init.yaml"


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


class Offer(contextlib.AbstractContextManager):
    """The static agent with a signature, as a controller hands it out."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="ghost-offer-"))
        shutil.copy2(static_agent(), self.folder / "ghost-agent")
        openssl(self.folder, "genpkey", "-algorithm", "ed25519", "-out", "key")
        openssl(self.folder, "pkey", "-in", "key", "-pubout", "-out", "release-key")
        openssl(self.folder, "pkeyutl", "-sign", "-inkey", "key", "-rawin", "-in", "ghost-agent", "-out", "ghost-agent.sig")
        openssl(self.folder, "req", "-x509", "-key", "key", "-subj", "/CN=an authority", "-days", "1", "-out", "ca")
        return self

    def __exit__(self, kind, value, trace):
        shutil.rmtree(self.folder)

    def spoil(self):
        with open(self.folder / "ghost-agent", "ab") as program:
            program.write(b"\0")


class Ansible(unittest.TestCase):
    def setUp(self):
        if not shutil.which("ansible-playbook"):
            self.skipTest("ansible is not installed (Debian: ansible-core)")
        self.offer = self.enterContext(Offer())
        self.root = self.offer.folder / "root"
        self.root.mkdir()

    def play(self, expect=0, **variables):
        variables = {
            "ghost_agent_root": self.root,
            "ghost_agent_program": self.offer.folder / "ghost-agent",
            "ghost_agent_signature": self.offer.folder / "ghost-agent.sig",
            "ghost_agent_release_key": self.offer.folder / "release-key",
            "ghost_agent_start": "false",
        } | variables
        command = ["ansible-playbook", "-i", "localhost,", "-c", "local", "-e", "ansible_become=false"]
        command += ["-e", "ansible_python_interpreter=/usr/bin/python3"]
        for name, value in variables.items():
            command += ["-e", value if name == "json" else f"{name}={value}"]
        environment = os.environ | {"HOME": str(self.offer.folder), "ANSIBLE_NOCOLOR": "1", "ANSIBLE_LOCALHOST_WARNING": "0"}
        done = subprocess.run([*command, str(PACKAGING / "ansible/playbook.yml")], env=environment, capture_output=True, text=True,
                              timeout=240, check=False)
        self.assertEqual(done.returncode, expect, done.stdout[-3000:] + done.stderr[-3000:])
        return done.stdout

    def config(self):
        return (self.root / "etc/ghost/agent.conf").read_text()

    def test_the_role_installs_and_is_idempotent(self):
        told = {"ghost_agent_controller": "ghost.example.com:5001", "ghost_agent_token": "secret", "ghost_agent_ca": self.offer.folder / "ca",
                "json": '{"ghost_agent_settings": {"log_level": "debug", "parallel_tasks": 2}}'}
        self.assertRegex(self.play(**told), r"changed=[1-9]")
        for line in ("controller = ghost.example.com:5001", "token = secret", "log_level = debug", "parallel_tasks = 2"):
            self.assertIn(f"\n{line}\n", self.config())
        self.assertRegex(self.config(), r"\nca = LS0tLS1CRUdJTi")
        self.assertEqual((self.root / "usr/local/bin/ghost-agent").read_bytes(), static_agent().read_bytes())
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/ghost-agent.service").is_symlink())
        self.assertRegex(self.play(**told), r"changed=0 ")

    def test_what_is_not_signed_is_not_installed(self):
        self.offer.spoil()
        self.play(expect=2)
        self.assertFalse((self.root / "usr").exists())


class CloudInit(unittest.TestCase):
    def script(self):
        """The script of the snippet, as cloud-init would write it."""
        text = SNIPPET.read_text().partition("path: /run/ghost-install")[2].partition("content: |\n")[2].partition("runcmd:")[0]
        return re.sub(r"^ {6}", "", text, flags=re.M)

    def run_script(self, offer):
        """In a mount namespace, so that /usr/local/bin and /run are the test's own."""
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: http.server.SimpleHTTPRequestHandler(*a, directory=offer.folder))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        script = self.script().replace("https://ghost.example.com/agent/", f"http://127.0.0.1:{server.server_port}/")
        self.assertIn(f":{server.server_port}/ghost-agent\n", script)
        for name in ("run", "bin", "etc"):
            (offer.folder / name).mkdir()
        shutil.copy2(offer.folder / "release-key", offer.folder / "run/ghost-release-key")
        (offer.folder / "run/ghost-install").write_text(script)
        mounts = "mount --bind run /run && mount --bind bin /usr/local/bin && mount --bind etc /etc && exec sh /run/ghost-install"
        return subprocess.run(["unshare", "--mount", "sh", "-c", mounts], cwd=offer.folder, capture_output=True, text=True, check=False)

    @unittest.skipUnless(os.geteuid() == 0, "needs root for a mount namespace")
    def test_the_script_installs_what_is_signed(self):
        with Offer() as offer:
            done = self.run_script(offer)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertTrue((offer.folder / "bin/ghost-agent").exists())
            self.assertTrue((offer.folder / "etc/systemd/system/ghost-agent.service").exists())

    @unittest.skipUnless(os.geteuid() == 0, "needs root for a mount namespace")
    def test_the_script_installs_nothing_else(self):
        with Offer() as offer:
            offer.spoil()
            self.assertNotEqual(self.run_script(offer).returncode, 0)
            self.assertFalse((offer.folder / "bin/ghost-agent").exists())
            self.assertEqual(list((offer.folder / "etc").iterdir()), [])

    def test_cloud_init_takes_it(self):
        base, reason = root_folders.debootstrap("bookworm")
        root = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-root-"))) / "root"
        reason = reason or root_folders.with_packages(base, root, ["cloud-init"])
        if reason:
            self.skipTest(reason)
        good = SNIPPET.read_text()
        for text, expected in ((good, 0), (good.replace("runcmd:", "runcmds:").replace("path:", "paht:"), 1)):
            (root / "snippet.yaml").write_text(text)
            command = ["chroot", str(root), "cloud-init", "schema", "--config-file", "/snippet.yaml"]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, expected, done.stdout + done.stderr)


class Packer(unittest.TestCase):
    def test_its_blocks_are_closed(self):
        text = (PACKAGING / "packer/ghost-agent.pkr.hcl").read_text()
        bare = re.sub(r'"(?:\\.|[^"\\])*"|#[^\n]*', "", text)
        self.assertNotIn('"', bare)
        for opening, closing in ("{}", "[]"):
            depth = 0
            for sign in bare:
                depth += (sign == opening) - (sign == closing)
                self.assertGreaterEqual(depth, 0)
            self.assertEqual(depth, 0)
        self.assertEqual(set(re.findall(r"\$\{var\.(\w+)", text)) | {"region", "instance_type"}, set(re.findall(r'^variable "(\w+)"', text, re.M)))


if __name__ == "__main__":
    unittest.main()
