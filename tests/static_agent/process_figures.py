"""What the kernel tells of a process: memory, processor time, how often it woke."""
import dataclasses
import pathlib
import time


def fields(path):
    found = {}
    for line in pathlib.Path(path).read_text(encoding="ascii").splitlines():
        name, colon, value = line.partition(":")
        if colon:
            found[name] = int(value.split()[0]) if value.split() and value.split()[0].isdigit() else value.strip()
    return found


def memory(pid):
    """(resident, anonymous) in KiB."""
    rollup = fields(f"/proc/{pid}/smaps_rollup")
    return rollup["Rss"], rollup["Anonymous"]


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def peak(pid):
    """In KiB, since it was forgotten."""
    return fields(f"/proc/{pid}/status")["VmHWM"]


def threads(pid):
    return list(pathlib.Path(f"/proc/{pid}/task").iterdir())


def cpu_ns(pid):
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads(pid))


def switches(pid):
    """How often its threads went to sleep, each by name: as often as they were woken."""
    return {thread.name + " " + (thread / "comm").read_text().strip(): fields(thread / "status")["voluntary_ctxt_switches"]
            for thread in threads(pid)}


@dataclasses.dataclass
class Idleness:
    seconds: float
    cpu_percent: float
    moments: int  # rows of looks, without a gap, in each of which some thread had been awake
    wakes: int
    by_thread: dict

    LOOK_SECONDS = 0.05


def watch(pids, seconds):
    """Looks at idle processes for a while: {pid: Idleness}."""
    began, cpu, first = time.monotonic(), {pid: cpu_ns(pid) for pid in pids}, {pid: switches(pid) for pid in pids}
    last, moments, awake = dict(first), dict.fromkeys(pids, 0), dict.fromkeys(pids, False)
    while time.monotonic() < began + seconds:
        time.sleep(Idleness.LOOK_SECONDS)
        for pid in pids:
            now = switches(pid)
            moments[pid] += now != last[pid] and not awake[pid]
            awake[pid], last[pid] = now != last[pid], now
    passed = time.monotonic() - began
    result = {}
    for pid in pids:
        by_thread = {name: count - first[pid].get(name, 0) for name, count in last[pid].items() if count != first[pid].get(name, 0)}
        result[pid] = Idleness(passed, (cpu_ns(pid) - cpu[pid]) / passed / 1e7, moments[pid], sum(by_thread.values()), by_thread)
    return result
