"""The first process of an instance: builds its root, keeps the agent running, reaps, ends everything.

Runs alone (no package around it): guest_init.py SPEC. Commands come on standard input, one a line: `stop SECONDS`,
`signal NUMBER`; its end means that the sandbox is gone. Events go to standard output as JSON lines.
"""
import ctypes
import json
import os
import select
import signal
import socket
import sys
import time

LIBC = ctypes.CDLL(None, use_errno=True)
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 8, 32, 4096, 16384
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CONSOLE_LIMIT = 4 << 20
BACKOFF_LIMIT = 5.0
SERVICES_SECONDS = 0.5
DEVICES = ("null", "zero", "full", "random", "urandom", "tty")


def mount(source, target, kind=None, flags=0, options=None):
    texts = [None if text is None else text.encode() for text in (source, target, kind, options)]
    if LIBC.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mount {kind or 'bind'} on {target}: {os.strerror(number)}")


def build_root(root):
    """The instance's disk as an overlay on the machine's own /, with proc, a small /dev, /run and /sys."""
    os.chdir(root["base"])
    merged = root["merged"]
    mount("overlay", merged, "overlay", 0,
          f"lowerdir={root['lower']},upperdir={root['upper']},workdir={root['work']},index=off")
    for name in ("proc", "run", "dev", "sys"):
        os.makedirs(f"{merged}/{name}", exist_ok=True)
    mount("proc", merged + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    mount("tmpfs", merged + "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=64m")
    mount("tmpfs", merged + "/dev", "tmpfs", MS_NOSUID, "mode=755,size=1m")
    for name in DEVICES:
        os.close(os.open(f"{merged}/dev/{name}", os.O_CREAT | os.O_WRONLY, 0o666))
        mount("/dev/" + name, f"{merged}/dev/{name}", None, MS_BIND)
    os.mkdir(merged + "/dev/shm")
    mount("tmpfs", merged + "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=64m")
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink("/proc/self/fd" + target, f"{merged}/dev/{name}")
    mount("/sys", merged + "/sys", None, MS_BIND | MS_REC)
    mount(None, merged + "/sys", None, MS_BIND | MS_REMOUNT | MS_RDONLY)
    os.mkdir(merged + "/run/lock", 0o755)
    keep_resolver(merged)
    os.chroot(merged)
    os.chdir("/")


def keep_resolver(merged):
    """Where /etc/resolv.conf is a link into /run, the new /run must have it too."""
    path = os.path.realpath("/etc/resolv.conf")
    if path.startswith("/run/") and os.path.isfile(path):
        os.makedirs(os.path.dirname(merged + path), mode=0o755, exist_ok=True)
        with open(path, "rb") as file, open(merged + path, "wb") as kept:
            kept.write(file.read())


class Init:
    """One instance, from its boot to its end."""

    def __init__(self, spec):
        self.spec = spec
        self.agent = 0
        self.started = 0.0
        self.backoff = spec["backoff"]
        self.restart_at = None
        self.kill_at = None
        self.console = os.open(spec["console"], os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.output, self.agent_output = os.pipe()
        self.wake, wake_writer = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(wake_writer, False)
        signal.set_wakeup_fd(wake_writer)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: self.stop(0))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self.commands = b""
        self.services = {}  # name: process id
        self.services_at = 0.0

    @property
    def alone(self):
        """Whether this is process 1 of a namespace, so that a kill of everything kills only the instance."""
        return os.getpid() == 1

    def event(self, kind, **details):
        try:
            os.write(1, (json.dumps({"event": kind, **details}) + "\n").encode())
        except OSError:
            pass

    def start_agent(self):
        self.restart_at = None
        self.started = time.monotonic()
        child = os.fork()
        if child == 0:
            self.become_agent()
        self.agent = child
        self.event("agent-started", pid=child)

    def become_agent(self):
        self.become(self.spec["argv"])

    def become(self, argv):
        try:
            os.setsid()
            if not self.alone:
                LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
            os.dup2(self.agent_output, 1)
            os.dup2(self.agent_output, 2)
            os.execve(argv[0], argv, self.spec["env"])
        except OSError as error:
            os.write(2, f"{argv[0]}: {error}\n".encode())
        os._exit(127)

    def start_services(self):
        """Keeps every executable file of the services folder running, as systemd would its units: what an image's
        features installed, and what no hook could start, for an agent ends whatever a hook leaves behind."""
        now = time.monotonic()
        if now < self.services_at or not self.spec["services"]:
            return
        self.services_at = now + SERVICES_SECONDS
        folder = self.spec["services"]
        try:
            names = os.listdir(folder)
        except OSError:
            return
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith(".") or name in self.services:
                continue
            if os.path.isfile(path) and os.access(path, os.X_OK):
                child = os.fork()
                if child == 0:
                    self.become([path])
                self.services[name] = child

    def reap(self):
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.agent:
                self.agent_ended(os.waitstatus_to_exitcode(status))
            self.services = {name: child for name, child in self.services.items() if child != pid}

    def agent_ended(self, code):
        self.agent = 0
        self.event("agent-exited", code=code)
        if self.kill_at is not None or code == 0:
            return
        if time.monotonic() - self.started > 10:
            self.backoff = self.spec["backoff"]
        self.restart_at = time.monotonic() + self.backoff
        self.backoff = min(self.backoff * 2, BACKOFF_LIMIT)

    def others(self):
        """Every other process of the instance."""
        if self.alone:
            return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]
        parents = {}
        for name in os.listdir("/proc"):
            if name.isdigit():
                try:
                    with open(f"/proc/{name}/stat", "rb") as file:
                        parents[int(name)] = int(file.read().rsplit(b")", 1)[1].split()[1])
                except (OSError, IndexError):
                    continue
        found = [os.getpid()]
        for pid in found:
            found.extend(child for child, parent in parents.items() if parent == pid)
        return found[1:]

    def signal_all(self, number):
        for pid in self.others():
            try:
                os.kill(pid, number)
            except OSError:
                pass

    def stop(self, grace):
        """Asks everything to end; what is left after the grace is killed."""
        if self.kill_at is None and grace > 0:
            self.signal_all(signal.SIGTERM)
        self.kill_at = time.monotonic() + grace
        self.restart_at = None

    def read_commands(self):
        data = os.read(0, 4096)
        if not data:
            self.stop(0)
            return False
        *lines, self.commands = (self.commands + data).split(b"\n")
        for line in lines:
            word, _, value = line.decode().partition(" ")
            if word == "stop":
                self.stop(float(value))
            elif word == "signal" and self.agent:
                os.kill(self.agent, int(value))
        return True

    def write_console(self):
        data = os.read(self.output, 65536)
        if os.fstat(self.console).st_size + len(data) > CONSOLE_LIMIT:
            os.ftruncate(self.console, 0)
        os.write(self.console, data)

    def timeout(self):
        if self.kill_at is not None:
            return 0.02
        if self.restart_at is not None:
            return max(0.0, min(SERVICES_SECONDS, self.restart_at - time.monotonic()))
        return SERVICES_SECONDS

    def run(self):
        watched = [0, self.output, self.wake]
        self.start_agent()
        while True:
            ready, _, _ = select.select(watched, [], [], self.timeout())
            if self.wake in ready:
                os.read(self.wake, 4096)
            if self.output in ready:
                self.write_console()
            if 0 in ready and not self.read_commands():
                watched.remove(0)
            children = self.reap()
            if self.kill_at is not None:
                if not children:
                    break
                if time.monotonic() >= self.kill_at:
                    self.signal_all(signal.SIGKILL)
            else:
                if self.restart_at is not None and time.monotonic() >= self.restart_at:
                    self.start_agent()
                self.start_services()
        self.event("ended")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        spec = json.load(file)
    if os.getpid() != 1:
        LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1)
    init = Init(spec)
    try:
        if spec.get("hostname") and os.getpid() == 1:
            socket.sethostname(spec["hostname"])
        if spec.get("root"):
            build_root(spec["root"])
    except OSError as error:
        init.event("failed", reason=str(error))
        os.write(init.console, f"cannot boot: {error}\n".encode())
        return 1
    init.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
