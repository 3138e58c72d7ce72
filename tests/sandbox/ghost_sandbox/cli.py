"""The ghost-sandbox command."""
import argparse
import fcntl
import json
import logging
import os
import pathlib
import signal
import sys
import threading
import time

from .cloud import Cloud

FAST = 20.0
DESCRIPTION = """\
An AWS-shaped cloud on this machine, for trying out Ghost and for its tests: EC2, Auto Scaling, load balancers and STS
over their real protocol, with signatures checked, states that take time, instances that are really booted (each is a
ghost-agent with its own root, its own loopback address and its own metadata endpoint) and load balancers that really
pass requests on. Nothing of it leaves this machine, and nothing here is a security boundary: run it where you would
run the programs you deploy.
"""
EPILOG = """\
Point any AWS client at it:
  export AWS_ENDPOINT_URL=http://127.0.0.1:PORT AWS_REGION=eu-west-1
  export AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=…      (both are in STATE_DIR/sandbox.json)

STATE_DIR/sandbox.json tells endpoint, keys, network, subnets, base image and the certificate that identity documents
are signed with. Failures are injected at http://127.0.0.1:PORT/_sandbox/faults; see tests/sandbox/README.md.
"""


def parse(argv):
    parser = argparse.ArgumentParser(prog="ghost-sandbox", description=DESCRIPTION, epilog=EPILOG,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--state-dir", required=True, metavar="DIR", help="where it keeps everything; a second start goes on from it")
    add("--down", action="store_true", help="stop the sandbox that runs in DIR, and all its instances; then return")
    add("--port", type=int, default=0, help="port of the endpoint on 127.0.0.1 (default: a free one)")
    add("--port-file", metavar="FILE", help="write the port there once it serves")
    add("--agent", metavar="FILE", help="the ghost-agent of the base image (default: build/agent/ghost-agent)")
    add("--agent-env", action="append", default=[], metavar="NAME=VALUE", help="environment for agents, repeatable")
    add("--root", default="/", metavar="DIR", help="instances' roots lie over this one instead of this machine's own /")
    add("--no-boot", action="store_true", help="instances are only told about, none is booted")
    add("--fast", action="store_true", help=f"clocks run {FAST:.0f} times faster, for tests")
    add("--speed", type=float, metavar="FACTOR", help="clocks run FACTOR times faster")
    add("--isolation", choices=["auto", "overlay", "directory"], default="auto",
        help="an instance's root: an overlay of the image over this machine's / (needs root) or a private directory")
    add("--access-key", default="GHOSTSANDBOXKEY00001", help="the one access key (default: %(default)s)")
    add("--secret-key", default="ghost-sandbox-secret-key", help="its secret (default: %(default)s)")
    add("--region", default="eu-west-1", help="the one region (default: %(default)s)")
    add("--network", type=int, metavar="N", help="instances live in 127.N.0.0/16 (default: a free one)")
    add("--verbose", action="store_true", help="log every call, also those that only read")
    options = parser.parse_args(argv)
    finish(parser, options)
    return options


def finish(parser, options):
    """Checks what argparse cannot, fills in defaults that depend on others."""
    options.state_dir = os.path.abspath(options.state_dir)
    if options.speed is None:
        options.speed = FAST if options.fast else 1.0
    if options.speed <= 0:
        parser.error("--speed must be above 0")
    if options.network is not None and not 1 <= options.network <= 254:
        parser.error("--network must be between 1 and 254")
    pairs = [pair.partition("=") for pair in options.agent_env]
    if not all(middle for _, middle, _ in pairs):
        parser.error("--agent-env wants NAME=VALUE")
    options.agent_env = {name: value for name, _, value in pairs}
    options.root = os.path.abspath(options.root)
    if options.root != "/" and (options.isolation == "directory" or not os.path.isdir(options.root)):
        parser.error("--root wants a folder, and overlays")
    if options.no_boot:
        options.agent = None
    elif not options.agent:
        built = pathlib.Path(__file__).resolve().parents[3] / "build/agent/ghost-agent"
        options.agent = str(built) if built.exists() else None
    elif not os.access(options.agent, os.X_OK):
        parser.error(f"{options.agent} cannot be run")


def main(argv=None):
    options = parse(sys.argv[1:] if argv is None else argv)
    if options.down:
        return down(options.state_dir)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.INFO, stream=sys.stderr,
                        format="%(asctime)s ghost-sandbox: %(message)s")
    os.umask(0o022)  # roots of instances are made here
    os.makedirs(options.state_dir, mode=0o700, exist_ok=True)
    lock = take_lock(options.state_dir)
    if lock is None:
        print(f"ghost-sandbox: one runs already in {options.state_dir}", file=sys.stderr)
        return 1
    forget(options.state_dir)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    cloud = Cloud(options)
    try:
        cloud.start()
        announce(cloud, options)
        while not ended.wait(0.5):  # a signal that comes just before a wait begins does not end it
            pass
    except OSError as error:
        print(f"ghost-sandbox: {error}", file=sys.stderr)
        return 1
    finally:
        cloud.stop()
        forget(options.state_dir)
    logging.getLogger("sandbox").info("stopped")
    return 0


def announce(cloud, options):
    description = cloud.description()
    write_file(os.path.join(options.state_dir, "sandbox.json"), json.dumps(description, indent=1) + "\n")
    write_file(pid_file(options.state_dir), f"{os.getpid()}\n")
    if options.port_file:
        write_file(options.port_file, f"{cloud.port}\n")
    for name in ("endpoint", "region", "base_image_id", "vpc_id", "subnet_ids", "security_group_id", "network",
                 "isolation", "agent"):
        print(f"{name} = {description[name]}", flush=True)
    if not options.agent:
        logging.getLogger("sandbox").warning("no agent: instances are not booted")


def forget(state_dir):
    """Whoever waits for these files waits for the sandbox that is about to serve."""
    for name in ("sandbox.json", "sandbox.pid"):
        pathlib.Path(state_dir, name).unlink(missing_ok=True)


def pid_file(state_dir):
    return os.path.join(state_dir, "sandbox.pid")


def write_file(path, text):
    """Complete or not there: others wait for these files."""
    with open(os.open(path + ".new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)


def take_lock(state_dir):
    """Holds the state directory as long as this process lives."""
    lock = open(os.path.join(state_dir, "lock"), "w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        return None
    return lock


def down(state_dir, patience=60):
    """Stops the sandbox of a state directory and waits for it."""
    if not os.path.isdir(state_dir):
        return 0
    give_up = time.monotonic() + patience
    told = False
    while time.monotonic() < give_up:
        lock = take_lock(state_dir)
        if lock:
            lock.close()
            return 0
        if not told:
            told = tell_to_stop(state_dir)
        time.sleep(0.05)
    print(f"ghost-sandbox: the sandbox in {state_dir} does not stop", file=sys.stderr)
    return 1


def tell_to_stop(state_dir):
    try:
        with open(pid_file(state_dir), encoding="ascii") as file:
            os.kill(int(file.read()), signal.SIGTERM)
        return True
    except (OSError, ValueError):
        return False
