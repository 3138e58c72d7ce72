#!/usr/bin/env python3
"""What the static agent may cost a machine (docs/agent.md has the table). A figure past its budget is a failure."""
import os
import subprocess
import unittest

import process_figures
from static_program import static_agent

import ghostlab  # isort: skip (static_program knows where it is)

MIB = 1024
PROGRAM_BYTES = 7 * 1000 * 1000
IDLE_RSS_KIB, IDLE_ANONYMOUS_KIB, DEPLOY_PEAK_KIB = 8 * MIB, 2.5 * MIB, 16 * MIB
IDLE_CPU_PERCENT = 0.05
HEARTBEAT_SECONDS, IDLE_SECONDS = 20, 22  # the default of link.heartbeat
PACKAGE_BYTES = 100 * 1000 * 1000
SETTLE_SECONDS = 2  # after the last order an agent still has its lines to send


class Size(unittest.TestCase):
    def setUp(self):
        self.program = static_agent()

    def test_the_program_is_small(self):
        size = self.program.stat().st_size
        print(f"# program: {size} bytes of {PROGRAM_BYTES}")
        self.assertLessEqual(size, PROGRAM_BYTES)

    def test_it_is_static_and_stripped(self):
        headers = subprocess.run(["readelf", "-lS", str(self.program)], check=True, capture_output=True, text=True).stdout
        self.assertNotIn("INTERP", headers)
        self.assertNotIn("DYNAMIC", headers)
        self.assertNotIn(".symtab", headers)


class Running(unittest.TestCase):
    """Two instances with one: as it comes, and one whose metadata service is asked only once an hour."""

    def setUp(self):
        settings = {"link.heartbeat": f"{HEARTBEAT_SECONDS}s"}
        self.lab = lab = self.enterContext(ghostlab.Lab(settings, ["--agent", str(static_agent())]))
        repository = ghostlab.Repository(lab.folder / "site")
        repository.commit({"page.html": "one\n"}, "small", tag="small")
        # Nothing can be made of it by compression.
        repository.commit({f"part{i}": os.urandom(PACKAGE_BYTES // 4) for i in range(4)}, "large", tag="large")
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}
        self.app_id = lab.ready_app([module], instances=2)
        self.usual, self.quiet = lab.instances(self.app_id)
        self.lab.deploy(self.app_id, {"site": "small"})
        self.quieten()

    def quieten(self):
        config = self.lab.instance_file(self.quiet, "/etc/ghost") / "agent.conf"
        config.write_text("notice_interval = 1h\n")
        before = self.lab.agent_pid(self.quiet)
        os.kill(before, 9)
        ghostlab.wait_for("another agent", lambda: self.lab.agent_pid(self.quiet) not in (None, before))
        ghostlab.wait_for("it to be linked", lambda: all(i["connected"] for i in self.lab.instances(self.app_id)))
        ghostlab.wait_for("its report", lambda: self.settled(self.lab.agent_pid(self.quiet)))

    @staticmethod
    def settled(pid):
        found = process_figures.watch([pid], SETTLE_SECONDS)[pid]
        return found.wakes < 100

    def test_idle_and_at_work(self):
        usual, quiet = self.lab.agent_pid(self.usual), self.lab.agent_pid(self.quiet)
        found = process_figures.watch([usual, quiet], IDLE_SECONDS)
        for name, pid in (("usual", usual), ("quiet", quiet)):
            self.tell(name, pid, found[pid])
        for pid in (usual, quiet):
            self.stays_small(pid)
            self.assertLessEqual(found[pid].cpu_percent, IDLE_CPU_PERCENT)
        self.wakes_for_heartbeats_alone(found[quiet])
        self.works_in_little_memory(usual)

    @staticmethod
    def tell(name, pid, idleness):
        resident, anonymous = process_figures.memory(pid)
        print(f"# {name}: resident {resident} KiB of {IDLE_RSS_KIB}, anonymous {anonymous} KiB of {IDLE_ANONYMOUS_KIB:.0f}, "
              f"{len(process_figures.threads(pid))} threads")
        print(f"# {name}: {idleness.cpu_percent:.4f} % of a processor, awake in {idleness.moments} moments, {idleness.wakes} wakes "
              f"in {idleness.seconds:.0f} s: {idleness.by_thread}")

    def stays_small(self, pid):
        resident, anonymous = process_figures.memory(pid)
        self.assertLessEqual(resident, IDLE_RSS_KIB)
        self.assertLessEqual(anonymous, IDLE_ANONYMOUS_KIB)

    def wakes_for_heartbeats_alone(self, idleness):
        """Its own and the controller's; one more, for whatever the kernel does. A loop of some seconds would be seen."""
        heartbeats = 2 * (int(idleness.seconds / HEARTBEAT_SECONDS) + 1)
        self.assertGreaterEqual(idleness.moments, 1)  # else nothing was measured
        self.assertLessEqual(idleness.moments, heartbeats + 1)
        self.assertLessEqual(idleness.wakes, 20 * heartbeats)

    def works_in_little_memory(self, pid):
        process_figures.forget_peak(pid)
        self.lab.deploy(self.app_id, {"site": "large"}, seconds=120)
        self.assertEqual(self.lab.instance_file(self.usual, "/srv/site/part3").stat().st_size, PACKAGE_BYTES // 4)
        peak = process_figures.peak(pid)
        print(f"# deploying {PACKAGE_BYTES} bytes: peak {peak} KiB of {DEPLOY_PEAK_KIB}")
        self.assertLessEqual(peak, DEPLOY_PEAK_KIB)


if __name__ == "__main__":
    unittest.main()
