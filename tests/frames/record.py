#!/usr/bin/env python3
"""Records the frames of this version of the link into FOLDER: record.py RECORDING_CONTROLLER FOLDER. See README.md."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import ghostlab
from awslab import AwsLab
from ghostlab import b64, wait_for

HEALTH = {"type": "command", "command": b64("#!/bin/sh\nexit 0\n"), "retries": 2, "interval": 1, "deadline": 10}


def session(lab):
    """A session in which everything is said that there is to say."""
    repository = ghostlab.Repository(lab.folder / "site")
    repository.commit({"page.html": "one\n", "folder/file": os.urandom(30_000)}, "first", tag="v1")
    os.symlink("page.html", repository.path / "link")
    repository.commit({"page.html": "two\n"}, "second", tag="v2")
    module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site", "health_check": HEALTH,
              "pre_deploy": b64("#!/bin/sh\necho before\n"), "post_deploy": b64("#!/bin/sh\necho after\n")}
    app_id = lab.create_app([module], lifecycle_hooks={"pre_bootstrap": b64("#!/bin/sh\necho hello\n"), "post_bootstrap": b64("#!/bin/sh\ntrue\n")},
                            env_vars=[{"var_key": "COLOUR", "var_value": "green"}])
    lab.run(app_id, "buildimage")
    lab.run(app_id, "createinstance")
    lab.run(app_id, "createinstance")
    lab.deploy(app_id, {"site": "v1"})
    # Fails on one of two: the other goes back to the release before.
    first, second = lab.instances(app_id)
    lab.change_app(app_id, modules=[module | {"post_deploy": b64(f"#!/bin/sh\n[ $GHOST_INSTANCE_ID != {second['instance_id']} ]\n")}])
    lab.deploy(app_id, {"site": "v2"}, expect="failed", options=["serial"])
    script = b64("#!/bin/sh\nfor i in 1 2 3; do echo line $i; done\nsleep 60\n")
    job = lab.submit(app_id, "executescript", options=[script, "", "single", first["private_ip"]])
    lab.wait_log(job, "line 3")
    assert lab.call("DELETE", f"/jobs/{job}/enqueueings").status < 300
    lab.wait_job(job)
    wait_for("a renewed certificate", (frames(lab) / "to-agent" / "renewed.bin").exists, 90)
    lab.ask_sandbox("POST", f"instances/{first['instance_id']}/notice", {"kind": "rebalance"})


def frames(lab):
    return lab.folder / "frames"


def main():
    controller, target = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    ghostlab.CONTROLLER = controller
    lab = AwsLab({"link.certificate_lifetime": "60s", "link.chunk": "4K"})
    for direction in ("to-agent", "to-controller"):
        (frames(lab) / direction).mkdir(parents=True)
    os.environ["GHOST_FRAMES"] = str(frames(lab))
    with lab:
        session(lab)
        lab.stop(lab.controller)  # says goodbye
        for file in sorted(frames(lab).rglob("*.bin")):
            place = target / file.relative_to(frames(lab))
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.read_bytes())
            print(place, place.stat().st_size)


if __name__ == "__main__":
    main()
