"""One booted instance: its init process and what that reports."""
import json
import logging
import os
import subprocess
import sys
import threading

log = logging.getLogger("sandbox")
INIT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "guest_init.py")
NAMESPACES = ["unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child"]
KILL_WAIT = 10  # seconds until an init that was told to stop is killed itself


class Machine:
    """A running init. Its own death, or ours, ends every process of the instance."""

    def __init__(self, instance_id, folder, spec, namespaces, quiet=False):
        self.instance_id = instance_id
        self.agent = {"running": False, "starts": 0, "pid": None, "exit": None}
        self.problem = None
        self._level = logging.DEBUG if quiet else logging.INFO
        self._gone = threading.Event()
        path = os.path.join(folder, "spec.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(spec, file)
        argv = [sys.executable, "-I", "-B", INIT, path]
        if namespaces:
            argv = [*NAMESPACES, *([] if spec.get("root") else ["--mount-proc"]), "--", *argv]
        self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         start_new_session=True, env={**os.environ, **spec["marker"]})
        threading.Thread(target=self._read_events, daemon=True).start()

    @property
    def pid(self):
        """The init as this machine sees it, or None when it has ended."""
        if self._gone.is_set():
            return None
        pid = self._process.pid
        try:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                if file.read().strip() != "unshare":
                    return pid
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                return int(file.read().split()[0])
        except (OSError, IndexError):
            return None

    @property
    def agent_pid(self):
        """The agent as this machine sees it; tests may want to hit it."""
        wanted = self.agent["pid"]
        init = self.pid
        if init is None or wanted is None:
            return None
        try:
            with open(f"/proc/{init}/task/{init}/children", encoding="ascii") as file:
                for pid in file.read().split():
                    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
                        inner = next(line for line in status if line.startswith("NSpid:")).split()[-1]
                    if int(inner) == wanted:
                        return int(pid)
        except (OSError, StopIteration):
            pass
        return None

    def tell(self, command):
        try:
            self._process.stdin.write(command.encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):
            pass  # it has ended

    def stop(self, grace):
        """Returns when no process of the instance is left."""
        self.tell(f"stop {grace}")
        if not self._gone.wait(grace + KILL_WAIT):
            log.warning("%s does not stop; killed", self.instance_id)
            self._process.kill()
            self._gone.wait(KILL_WAIT)

    def wait(self, seconds):
        return self._gone.wait(seconds)

    def _read_events(self):
        for line in self._process.stdout:
            try:
                self._note(json.loads(line))
            except ValueError:
                continue
        errors = self._process.stderr.read().decode(errors="replace").strip()
        self._process.wait()
        self._process.stdin.close()
        if errors:
            self.problem = self.problem or errors
            log.log(self._level, "%s init: %s", self.instance_id, errors)
        self.agent.update(running=False, pid=None)
        self._gone.set()

    def _note(self, event):
        kind = event["event"]
        if kind == "agent-started":
            self.agent.update(running=True, pid=event["pid"], starts=self.agent["starts"] + 1)
            log.log(self._level, "%s agent started", self.instance_id)
        elif kind == "agent-exited":
            self.agent.update(running=False, pid=None, exit=event["code"])
            log.log(self._level, "%s agent ended with %s", self.instance_id, event["code"])
        elif kind == "failed":
            self.problem = event["reason"]
            log.log(self._level, "%s cannot boot: %s", self.instance_id, event["reason"])
