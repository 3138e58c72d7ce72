"""Reads a unit and starts its program as systemd would: as its user, with its environment, telling when it is ready."""

import os
import socket
import subprocess

PATIENCE_SECONDS = 60


def read(path):
    """The values of each name of [Service], in their order."""
    found, section = {}, ""
    for line in path.read_text().replace("\\\n", " ").splitlines():
        if line.startswith("["):
            section = line.strip()
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name.strip(), []).append(value.strip())
    return found


class Started:
    """The program of a unit of a root. Its words to systemd come over a socket without a file, which a chroot sees too."""

    def __init__(self, root, unit, log):
        service = read(root.path / "lib/systemd/system" / unit)
        assert service["Type"] == ["notify"], service
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        name = f"\0ghost-test-{os.getpid()}-{id(self)}"
        self.manager.bind(name)
        self.manager.settimeout(PATIENCE_SECONDS)
        environment = dict(line.split("=", 1) for line in service.get("Environment", ()))
        environment["NOTIFY_SOCKET"] = "@" + name[1:]
        user = service.get("User", ["root"])[0]
        umask = service.get("UMask", ["0022"])[0]
        become = ["setpriv", f"--reuid={user}", f"--regid={service.get('Group', [user])[0]}", "--init-groups", "--no-new-privs"]
        become += ["--bounding-set=-all", "--inh-caps=-all"] if service.get("CapabilityBoundingSet") == [""] else []
        command = ["sh", "-c", f'umask {umask}; exec "$@"', "sh", *become, *service["ExecStart"][0].split()]
        self.log = log
        with open(log, "ab") as output:
            self.process = root.popen(*command, environment=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    def said(self):
        return self.log.read_text(errors="replace")

    def wait_ready(self):
        while "READY=1" not in self.manager.recv(4096).decode().splitlines():
            pass
        return self

    def stop(self):
        """As systemctl stop does; its exit status."""
        self.process.terminate()
        status = self.process.wait(PATIENCE_SECONDS)
        self.manager.close()
        return status

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.manager.close()
