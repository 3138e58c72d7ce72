#!/usr/bin/env python3
"""Prints the demo application as `ghost app create` wants it: describe_app.py SANDBOX_JSON REPOSITORIES HOOKS PORT"""
import base64
import json
import pathlib
import sys

cloud = json.loads(pathlib.Path(sys.argv[1]).read_text())
repositories, hooks, port = pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]


def script(name):
    return base64.b64encode((hooks / name).read_bytes()).decode()


print(json.dumps({
    "name": "demo",
    "env": "dev",
    "role": "webfront",
    "description": "The quick start's web site",
    "region": cloud["region"],
    "instance_type": cloud["instance_type"],
    "vpc_id": cloud["vpc_id"],
    "build_infos": {
        "ssh_username": "admin",
        "source_ami": cloud["base_image_id"],
        "subnet_id": cloud["subnet_ids"][0],
    },
    "environment_infos": {
        "subnet_ids": [cloud["subnet_ids"][0]],
        "security_groups": [cloud["security_group_id"]],
    },
    "env_vars": [{"var_key": "WEBFRONT_PORT", "var_value": port}],
    "features": [{"name": "webserver", "version": port, "provisioner": "shell"}],
    "modules": [
        {
            "name": "settings",
            "git_repo": str(repositories / "settings"),
            "scope": "system",
            "path": "/etc/webfront",
        },
        {
            "name": "webfront",
            "git_repo": str(repositories / "webfront"),
            "scope": "code",
            "path": "/srv/webfront",
            "build_pack": script("build_pack"),
            "pre_deploy": script("pre_deploy"),
            "post_deploy": script("post_deploy"),
        },
    ],
}, indent=1))
