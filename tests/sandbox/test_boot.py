"""Instances that really boot, with a stand-in for the agent that runs its user data as a script."""
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

from sandbox_case import SandboxCase, wait_for

SLEEP = "exec sleep 1000"
# The same script in both kinds of root: /opt of the instance.
FEATURE = "mkdir -p $GHOST_ROOT_DIR/opt; echo baked > $GHOST_ROOT_DIR/opt/feature; " + SLEEP
SHOW = "echo feature: $(cat $GHOST_ROOT_DIR/opt/feature) >&2; " + SLEEP


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def overlay_works():
    """Asks the kernel, not the sandbox, which must not skip its own tests."""
    with tempfile.TemporaryDirectory(prefix="ghost-sandbox-test-") as folder:
        for name in ("upper", "work", "merged"):
            os.mkdir(os.path.join(folder, name))
        script = "mount -t overlay overlay -o lowerdir=/,upperdir=upper,workdir=work merged && chroot merged true"
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", script], cwd=folder,
                              capture_output=True, check=False).returncode == 0


class Boots:
    """What holds for every kind of root."""

    def test_feature_is_in_the_image(self):
        baker = self.sandbox.run_instance(FEATURE)
        root = wait_for(lambda: self.sandbox.instance(baker)["root"], "the root")
        wait_for(lambda: os.path.exists(root + "/opt/feature"), "the feature")
        self.sandbox.ec2("StopInstances", **{"InstanceId.1": baker})
        self.sandbox.wait_state(baker, "stopped")
        image = self.sandbox.make_image(baker, "with-feature")
        self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": baker})
        self.sandbox.wait_state(baker, "terminated")
        self.sandbox.wait_console(self.sandbox.run_instance(SHOW, image=image), "feature: baked\n")
        self.sandbox.wait_console(self.sandbox.run_instance(SHOW), "feature:\n")

    def test_disk_survives_stop_and_start_and_agents_restart(self):
        script = ("state=${GHOST_STATE_DIR:-/var/lib/ghost-agent}; mkdir -p $state; echo x >> $state/boots; "
                  "echo boots: $(wc -l < $state/boots) >&2; ") + SLEEP
        instance = self.sandbox.run_instance(script)
        self.sandbox.wait_console(instance, "boots: 1")
        self.sandbox.control(f"instances/{instance}/signal", {"signal": "KILL"})
        self.sandbox.wait_console(instance, "boots: 2")
        self.sandbox.ec2("StopInstances", **{"InstanceId.1": instance})
        self.sandbox.wait_state(instance, "stopped")
        self.sandbox.ec2("StartInstances", **{"InstanceId.1": instance})
        self.sandbox.wait_console(instance, "boots: 3")
        self.assertEqual(self.sandbox.instance(instance)["agent"]["starts"], 1)

    def test_services_of_an_image_are_kept_running(self):
        folder = "$GHOST_ROOT_DIR/etc/ghost-sandbox/services"
        script = (f"mkdir -p {folder}; printf '#!/bin/sh\\necho served >&2; sleep 0.1' > {folder}/web;"
                  f"chmod 755 {folder}/web; ") + SLEEP
        baker = self.sandbox.run_instance(script)
        self.sandbox.wait_console(baker, "served\nserved\n")
        self.sandbox.ec2("StopInstances", **{"InstanceId.1": baker})
        self.sandbox.wait_state(baker, "stopped")
        image = self.sandbox.make_image(baker, "with-service")
        self.sandbox.wait_console(self.sandbox.run_instance(SLEEP, image=image), "served\n")

    def test_agent_that_ends_well_stays_down(self):
        instance = self.sandbox.run_instance("echo done >&2; exit 0")
        agent = wait_for(lambda: (found := self.sandbox.instance(instance)["agent"]) and found["exit"] is not None
                         and found, "the agent's end")
        self.assertEqual((agent["exit"], agent["running"], agent["starts"]), (0, False, 1))

    def test_failing_agent_is_restarted_with_back_off(self):
        instance = self.sandbox.run_instance("exit 3")
        agent = wait_for(lambda: (found := self.sandbox.instance(instance)["agent"]) and found["starts"] >= 4 and found,
                         "restarts")
        self.assertEqual(agent["exit"], 3)

    def test_nothing_survives_a_stop(self):
        """A daemon in a session of its own that ignores TERM."""
        script = ("(trap '' TERM; setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' ) & "
                  "trap '' TERM; echo ready >&2; while :; do sleep 1; done")
        instance = self.sandbox.run_instance(script)
        self.sandbox.wait_console(instance, "ready")
        pid = self.sandbox.instance(instance)["agent"]["host_pid"]
        mark = f"GHOST_SANDBOX_MACHINE={instance}@".encode()
        self.assertTrue(alive(pid))
        self.sandbox.ec2("TerminateInstances", **{"InstanceId.1": instance})
        self.sandbox.wait_state(instance, "terminated")
        self.assertFalse(alive(pid))
        self.assertEqual(marked(mark), [])
        wait_for(lambda: not os.path.exists(os.path.join(self.folder, "disks/instances", instance)), "the disk's end")

    def test_installed_services_are_kept_running(self):
        script = ("folder=$GHOST_ROOT_DIR/etc/ghost-sandbox/services; mkdir -p $folder; "
                  "printf '#!/bin/sh\\necho serving >&2; sleep 0.1\\n' > $folder/new; chmod +x $folder/new; "
                  "mv $folder/new $folder/web; ") + SLEEP
        instance = self.sandbox.run_instance(script)
        wait_for(lambda: self.sandbox.console(instance).count("serving\n") >= 2, "the second start of the service")
        self.assertEqual(self.sandbox.instance(instance)["agent"]["starts"], 1)

    def test_image_of_a_running_instance_reboots_it(self):
        instance = self.sandbox.run_instance("echo up >&2; " + SLEEP)
        self.sandbox.wait_console(instance, "up")
        self.sandbox.make_image(instance, "live")
        wait_for(lambda: self.sandbox.console(instance).count("up\n") == 2, "the second boot")
        self.assertEqual(self.sandbox.instance(instance)["state"], "running")
        self.sandbox.make_image(instance, "live-2", NoReboot="true")
        self.assertEqual(self.sandbox.console(instance).count("up\n"), 2)

    def test_servers_on_own_addresses(self):
        """Two instances serve on the same port."""
        script = ("ip=$(echo $AWS_EC2_METADATA_SERVICE_ENDPOINT | sed 's,http://,,; s,:.*,,');"
                  "mkdir -p $GHOST_ROOT_DIR/srv/w; cd $GHOST_ROOT_DIR/srv/w; echo $ip > page;"
                  "exec python3 -m http.server --bind $ip 8099")
        rows = [self.sandbox.wait_state(self.sandbox.run_instance(script), "running") for _ in range(2)]
        for row in rows:
            def page(ip=row["private_ip"]):
                try:
                    with socket.create_connection((ip, 8099), timeout=5) as peer:
                        peer.sendall(b"GET /page HTTP/1.0\r\n\r\n")
                        return b"".join(iter(lambda: peer.recv(4096), b""))
                except ConnectionRefusedError:
                    return None
            self.assertIn(row["private_ip"].encode() + b"\n", wait_for(page, "the page"))


def marked(mark):
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if mark in pathlib.Path(f"/proc/{name}/environ").read_bytes() and alive(name):
                    found.append(int(name))
            except OSError:
                continue
    return found


class InDirectories(Boots, SandboxCase):
    ARGUMENTS = ("--agent", "{agent}", "--isolation", "directory")


@unittest.skipUnless(overlay_works(), "overlay roots do not work here")
class InOverlays(Boots, SandboxCase):
    ARGUMENTS = ("--agent", "{agent}", "--isolation", "overlay")

    def test_changes_stay_in_the_instance(self):
        """Deleted, replaced and new files, owners and modes: in the image, not on this machine."""
        script = ("rm /etc/debian_version; echo other > /etc/issue; mkdir /opt/deep; chown 7:8 /opt/deep;"
                  "chmod 750 /opt/deep; hostname changed; echo ready >&2; ") + SLEEP
        before = pathlib.Path("/etc/issue").read_bytes(), socket.gethostname()
        instance = self.sandbox.run_instance(script)
        self.sandbox.wait_console(instance, "ready")
        self.assertTrue(os.path.exists("/etc/debian_version"))
        self.assertEqual((pathlib.Path("/etc/issue").read_bytes(), socket.gethostname()), before)
        image = self.sandbox.make_image(instance, "changed")
        script = ("echo found: $(ls /etc/debian_version 2>/dev/null) $(cat /etc/issue) $(stat -c %u:%g:%a /opt/deep) "
                  "$(stat -c %a / /tmp) >&2; ") + SLEEP
        self.sandbox.wait_console(self.sandbox.run_instance(script, image=image), "found: other 7:8:750 755 1777\n")

    def test_this_machine_is_not_seen(self):
        with tempfile.NamedTemporaryFile(dir="/tmp") as seen:
            script = (f"test -e {seen.name} || echo tmp is private >&2; ps -e | wc -l | sed 's/^/processes: /' >&2;"
                      "test -e /dev/null && ! ls /dev | grep -q vda && echo dev is small >&2; ") + SLEEP
            instance = self.sandbox.run_instance(script)
            self.sandbox.wait_console(instance, "dev is small")
            self.assertIn("tmp is private", self.sandbox.console(instance))
            count = int(self.sandbox.console(instance).split("processes: ")[1].split()[0])
            self.assertLess(count, 10)

    def test_disk_can_be_made_narrow(self):
        script = ("mkdir -p /ghost/app; echo kept > /ghost/app/file; echo ready >&2;"
                  "while [ ! -e /ghost/go ]; do sleep 0.05; done; cat /ghost/app/file >&2;"
                  "head -c 50000 /dev/zero > /ghost/a && echo fits >&2;"
                  "head -c 500000 /dev/zero > /ghost/b; ") + SLEEP
        instance = self.sandbox.run_instance(script)
        self.sandbox.wait_console(instance, "ready")
        self.sandbox.control(f"instances/{instance}/narrow", {"path": "/ghost", "free": 200000})
        pathlib.Path(self.sandbox.instance(instance)["root"], "ghost/go").touch()
        self.sandbox.wait_console(instance, "No space left on device")
        self.assertIn("kept\nfits\n", self.sandbox.console(instance))

    def test_mounts_end_with_the_instance(self):
        instance = self.sandbox.run_instance("echo ready >&2; " + SLEEP)
        self.sandbox.wait_console(instance, "ready")
        self.assertNotIn(instance, pathlib.Path("/proc/mounts").read_text("utf-8"))
        self.assertEqual(subprocess.run(["ls", f"{self.folder}/disks/instances/{instance}/merged"], check=True,
                                        capture_output=True).stdout, b"")


if __name__ == "__main__":
    unittest.main()
