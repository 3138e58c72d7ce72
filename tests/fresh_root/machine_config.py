"""How this machine reaches the world, taken over into a root: certificates, apt's ways, what npm and pip are told."""

import os
import pathlib
import shutil
import subprocess

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# The bundle is replaced when ca-certificates comes, which adds the certificates of this machine's own authorities.
COPIED = ("usr/local/share/ca-certificates", BUNDLE[1:], "etc/npmrc", "root/.npmrc", "etc/pip.conf", "root/.config/pip/pip.conf")
SAME_EVERYWHERE = (BUNDLE, os.path.dirname(BUNDLE))
PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def take_over(root):
    for name in COPIED:
        source, target = pathlib.Path("/", name), root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy2(source, target)
    dump = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout
    ways = [line for line in dump.splitlines() if line.startswith("Acquire::")]
    (root / "etc/apt/apt.conf.d/90-mirrors").write_text("".join(f"{line}\n" for line in ways))


def environment():
    """Variables that say the same in the root: proxies, and where programs find the bundle."""
    return {name: value for name, value in os.environ.items() if name.lower() in PROXIES or value in SAME_EVERYWHERE}
