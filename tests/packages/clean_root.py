"""A clean Debian of this machine's release in a folder: made by debootstrap once, copied for each test, entered by chroot.

The mirror is the one that this machine's apt uses. Mounts are made in the mount namespace of the test alone
(`enter_own_mounts`), so nothing of them is left, however it ends.
"""

import contextlib
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import sys

DEBOOTSTRAP_SECONDS = 900
APT_SECONDS = 600
OURS = "GHOST_TEST_OWN_MOUNTS"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}


def enter_own_mounts():
    """Runs this program again in a mount namespace of its own; returns where that has been done."""
    if os.environ.get(OURS):
        return
    os.environ[OURS] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--", sys.executable, *sys.orig_argv[1:]])


def release():
    """(codename, None), or (None, why there is none)."""
    facts = dict(line.split("=", 1) for line in pathlib.Path("/etc/os-release").read_text().splitlines() if "=" in line)
    if facts.get("ID", "").strip('"') != "debian" or "VERSION_CODENAME" not in facts:
        return None, "this machine is no Debian release: its packages fit no clean Debian"
    return facts["VERSION_CODENAME"].strip('"'), None


def stanzas(text):
    """The values of each stanza of a .sources file, by field."""
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.splitlines() if not line.startswith("#")]
        yield {name.strip().lower(): value.split() for name, colon, value in (line.partition(":") for line in lines) if colon}


def sources():
    """(URI, suite) of all that this machine's apt gets binary packages from."""
    folder = pathlib.Path("/etc/apt")
    for file in sorted(folder.glob("sources.list.d/*.sources")):
        for stanza in stanzas(file.read_text()):
            if "deb" in stanza.get("types", ()) and stanza.get("enabled") != ["no"]:
                yield from ((uri, suite) for uri in stanza.get("uris", ()) for suite in stanza.get("suites", ()))
    for file in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]:
        for line in file.read_text().splitlines() if file.exists() else ():
            found = re.match(r"deb\s+(?:\[[^]]*\]\s+)?(\S+)\s+(\S+)", line)
            if found:
                yield found.groups()


def mirrors(codename):
    """Those of Debian itself, the one of the release first."""
    wanted = (codename, f"{codename}-updates", f"{codename}-security", f"{codename}/updates")
    found = [(uri, suite) for uri, suite in sources() if suite in wanted]
    return sorted(dict.fromkeys(found), key=lambda pair: wanted.index(pair[1]))


def apt_proxies():
    """How this machine's apt reaches its mirrors."""
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    return "".join(line + "\n" for line in dump.splitlines() if re.match(r"Acquire::https?::(proxy|[^ ]*::proxy) ", line, re.I))


def base(kept):
    """(folder, None) with the pristine root, made when it is missing, or (None, why it cannot be had)."""
    codename, reason = release()
    program = shutil.which("debootstrap") or "/usr/sbin/debootstrap"
    if reason:
        return None, reason
    if not os.path.exists(program):
        return None, "debootstrap is not installed"
    found = mirrors(codename)
    if not found or found[0][1] != codename:
        return None, f"this machine's apt knows no mirror of Debian {codename}"
    root, draft = kept / f"base-{codename}", kept / f"base-{codename}.new"
    if root.exists():
        return root, None
    shutil.rmtree(draft, ignore_errors=True)
    command = [program, "--variant=minbase", f"--cache-dir={kept / 'archives'}", codename, str(draft), found[0][0]]
    (kept / "archives").mkdir(exist_ok=True)
    proxies = re.findall(r'Acquire::http::proxy "([^"]+)"', apt_proxies(), re.I)
    environment = dict(os.environ, **({"http_proxy": proxies[0]} if proxies else {}))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=DEBOOTSTRAP_SECONDS, check=False)
    if done.returncode != 0:
        return None, f"debootstrap cannot make a Debian {codename}: {done.stdout[-300:]}{done.stderr[-300:]}"
    (draft / "etc/apt/sources.list").write_text("".join(f"deb {uri} {suite} main\n" for uri, suite in found))
    (draft / "etc/apt/apt.conf.d/90-mirrors").write_text(apt_proxies())
    draft.rename(root)
    return root, None


class CleanRoot(contextlib.AbstractContextManager):
    """A copy of the base with /proc, /sys and /dev, in which programs are run."""

    def __init__(self, kept, folder):
        self.kept, self.path = kept, folder

    def __enter__(self):
        self.kept.mkdir(exist_ok=True)
        with open(self.kept / "root.lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            root, reason = base(self.kept)
        if root is None:
            raise LookupError(reason)
        subprocess.run(["cp", "-a", "--reflink=auto", str(root), str(self.path)], check=True)
        for words in (["-t", "proc", "proc", "proc"], ["--rbind", "/sys", "sys"], ["--rbind", "/dev", "dev"]):
            self.mount(*words)
        self.take_archives(self.kept / "archives", self.archives)
        (self.path / "etc/apt/apt.conf.d/91-keep").write_text('APT::Keep-Downloaded-Packages "true";\n')
        shutil.copy2("/etc/resolv.conf", self.path / "etc/resolv.conf")
        shutil.copy2("/etc/hosts", self.path / "etc/hosts")
        return self

    def __exit__(self, kind, value, trace):
        self.take_archives(self.archives, self.kept / "archives")
        subprocess.run(["umount", "--recursive", "--lazy", str(self.path / "dev"), str(self.path / "sys"), str(self.path / "proc")], check=True)
        shutil.rmtree(self.path)

    @property
    def archives(self):
        return self.path / "var/cache/apt/archives"

    @staticmethod
    def take_archives(source, target):
        """What apt has fetched once is there the next time. Copies, for apt locks its folder."""
        target.mkdir(exist_ok=True)
        for file in source.glob("*.deb"):
            if not (target / file.name).exists():
                draft = target / f"{file.name}.{os.getpid()}"
                shutil.copy2(file, draft)
                draft.rename(target / file.name)

    def mount(self, *words):
        subprocess.run(["mount", *words[:-1], str(self.path / words[-1])], check=True)

    def command(self, *words):
        return ["chroot", str(self.path), *map(str, words)]

    def popen(self, *words, environment=(), **options):
        return subprocess.Popen(self.command(*words), env=ENVIRONMENT | dict(environment), **options)

    def run(self, *words, expect=0, environment=(), text=None, seconds=APT_SECONDS):
        """What the program said; fails with all of it when it ends otherwise."""
        given = {"stdin": subprocess.DEVNULL} if text is None else {"input": text}
        done = subprocess.run(self.command(*words), env=ENVIRONMENT | dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=seconds, check=False, **given)
        if done.returncode != expect:
            raise AssertionError(f"{' '.join(map(str, words))}: exit status {done.returncode}\n{done.stdout[-6000:]}")
        return done.stdout

    def apt(self, *words):
        return self.run("apt-get", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *words)
