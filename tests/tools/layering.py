#!/usr/bin/env python3
"""Fails when a file includes a header its folder may not know, or a library another folder wraps."""
import pathlib
import re
import sys

BASE = ["proto/base"]
DATA = BASE + ["proto/json", "proto/model"]

# folder: folders whose headers it may include (its own is always allowed); "*": any part of its program
MAY_INCLUDE = {
    "proto/base": [],
    "proto/json": BASE,
    "proto/model": BASE + ["proto/json"],
    "proto/yaml": BASE + ["proto/json"],
    "proto/net": BASE,
    "proto/wire": BASE,
    "proto/package": BASE + ["proto/wire"],  # the manifest is a message of the wire
    "controller/http": BASE + ["proto/json"],
    "controller/store": DATA,
    "controller/backup": BASE + ["proto/json", "proto/model", "controller/store"],  # model: the state of a job
    "controller/aws": BASE + ["proto/net", "proto/json"],  # json: what the metadata service answers
    "controller/check": BASE + ["proto/json", "controller/aws", "controller/store", "controller"],  # controller: the settings
    "controller/catalog": BASE + ["proto/json", "controller/aws", "controller/sources"],
    "controller/haproxy": BASE + ["proto/json", "proto/net"],
    "controller/hub": BASE + ["proto/wire"],
    "controller/packages": BASE + ["proto/wire", "proto/package", "controller/aws"],  # aws: a store may be a bucket
    "controller/sources": BASE + ["controller/aws"],  # aws: a source may be a bucket
    "controller/jobs": DATA
    + ["proto/wire", "proto/package", "proto/yaml"]
    + [f"controller/{part}" for part in ("store", "aws", "haproxy", "hub", "packages", "sources")],
    "controller/agents": DATA
    + ["proto/wire", "proto/package"]
    + [f"controller/{part}" for part in ("store", "hub", "packages", "jobs", "aws")],  # aws: whether an instance is what it says
    "controller/groups": DATA + ["proto/wire"] + [f"controller/{part}" for part in ("store", "aws", "jobs")],
    "controller/janitor": BASE + ["proto/json", "controller/aws", "controller/store"],
    "controller/webhooks": DATA,
    "controller/socketio": BASE + ["proto/json"],
    "controller/metrics": BASE,
    "controller/notify": DATA + ["proto/net", "controller/store"],
    "controller/api": DATA
    + ["proto/yaml", "controller/http", "controller/store", "controller/jobs", "controller/socketio", "controller/webhooks"]
    + ["controller/catalog", "ui/web", "ui/docs"],  # ui: pages, as bytes
    "controller": ["*"],
    "agent/run": BASE + ["proto/wire"],
    "agent/release": BASE + ["proto/net", "proto/wire", "proto/package"],
    "agent/tasks": BASE + ["proto/wire", "proto/package", "agent/run", "agent/release"],
    "agent": ["*"],
    "ui/cli": DATA + ["proto/net", "proto/yaml"],
}

# a library's headers: the folders that wrap it
WRAPPED = {
    "curl/": ["proto/net"],
    "expat.h": ["controller/aws"],
    "jansson.h": ["proto/json"],
    "microhttpd.h": ["controller/http"],
    "nng/": ["proto/wire"],
    "openssl/": ["proto/base", "proto/wire"],  # wire: nng's TLS engine
    "pcre2.h": ["proto/base"],
    "sqlite3.h": ["controller/store"],
    "wslay/": ["controller/http"],
    "yaml.h": ["proto/yaml"],
    "zlib.h": ["controller/api", "controller/notify"],
    "zstd.h": ["proto/package"],
}

ROOTS = ("proto", "controller", "agent", "ui/cli")
INCLUDE_LINE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)


def folder_of(path):
    """The deepest listed folder that holds path, or None."""
    return next((f for f in sorted(MAY_INCLUDE, key=len, reverse=True) if path.startswith(f + "/")), None)


def allowed(folder, target):
    if MAY_INCLUDE[folder] == ["*"]:
        return target.startswith((folder, "proto/"))
    return target == folder or target in MAY_INCLUDE[folder]


def offences(root):
    for file in sorted(root.rglob("*.[ch]")):
        path = file.relative_to(root).as_posix()
        folder = folder_of(path)
        if not folder:
            continue
        for quote, name in INCLUDE_LINE.findall(file.read_text()):
            if quote == "<":
                for library, wrapper in WRAPPED.items():
                    if name.startswith(library) and folder not in wrapper:
                        yield f"{path}: <{name}> is wrapped by {' and '.join(wrapper)}"
            else:
                targets = [folder_of(f"{top}/{name}") for top in ROOTS if (root / top / name).exists()]
                if targets and not any(allowed(folder, target) for target in targets):
                    yield f'{path}: {folder} may not include "{name}"'


found = list(offences(pathlib.Path(sys.argv[1])))
if found:
    sys.exit("\n".join(found))
