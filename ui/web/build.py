#!/usr/bin/env python3
"""Builds the web interface and writes it as C: build.py SOURCE STAGE OUTPUT.c DEPFILE; without SOURCE (""): an empty one.

npm and vite work in STAGE, a copy, so that the source tree stays as it was checked out.
"""
import gzip
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
NOT_COPIED = {"node_modules", "dist", "e2e", "meson.build", "build.py", "npm.py", "check.py"}


def copy_sources(source, stage):
    """Only what differs is written: its time says what to build again."""
    wanted = set()
    for file in sorted(source.rglob("*")):
        name = file.relative_to(source)
        if name.parts[0] in NOT_COPIED or not file.is_file():
            continue
        wanted.add(name)
        copy = stage / name
        if not copy.exists() or copy.read_bytes() != file.read_bytes():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    for file in sorted(stage.rglob("*")):
        name = file.relative_to(stage)
        if file.is_file() and name.parts[0] not in ("node_modules", "dist", "packages.sha256") and name not in wanted:
            file.unlink()
    return [source / name for name in sorted(wanted)]


def run(stage, *words, **environment):
    done = subprocess.run(words, cwd=stage, env=dict(os.environ, **environment), stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        sys.exit(f"ui/web: {' '.join(words)} failed. Without Node and its packages Ghost is built with -Dweb=false: no pages.")


def install_packages(stage):
    """Once for each set of packages."""
    wanted = hashlib.sha256((stage / "package-lock.json").read_bytes() + (stage / "package.json").read_bytes()).hexdigest()
    stamp = stage / "packages.sha256"
    if stamp.exists() and stamp.read_text() == wanted and (stage / "node_modules").is_dir():
        return
    if not shutil.which("npm"):
        sys.exit("ui/web: npm is missing; packaging/dependencies.sh build installs it (or build with -Dweb=false: no pages)")
    run(stage, "npm", "ci", "--ignore-scripts", "--prefer-offline")
    stamp.write_text(wanted)


def as_c(number, name, data):
    packed = gzip.compress(data, 9, mtime=0)
    rows = [", ".join(f"{byte}" for byte in packed[at:at + 32]) for at in range(0, len(packed), 32)]
    body = ",\n        ".join(rows)
    kind = TYPES[pathlib.PurePath(name).suffix]
    etag = hashlib.sha256(data).hexdigest()[:32]
    return (f"static const unsigned char bytes_{number}[] = {{\n        {body}\n}};\n",
            f'        {{ "{name}", "{kind}", "{etag}", bytes_{number}, sizeof(bytes_{number}), {len(data)} }},\n')


def main(source, stage, output, depfile):
    files = {}
    sources = [pathlib.Path(__file__).resolve()]
    if source:
        stage = pathlib.Path(stage)
        stage.mkdir(parents=True, exist_ok=True)
        sources += copy_sources(pathlib.Path(source), stage)
        install_packages(stage)
        run(stage, "npx", "--no-install", "vite", "build", "--logLevel", "warn", GHOST_WEB_OUT="dist")
        built = stage / "dist"
        files = {str(file.relative_to(built)): file.read_bytes() for file in sorted(built.rglob("*")) if file.is_file()}
    made = [as_c(number, name, data) for number, (name, data) in enumerate(files.items())]
    text = '/* Made by build.py. */\n#include "ui/web/web_files.h"\n\n' + "".join(array for array, _ in made)
    text += "\nconst WebFile web_files[] = {\n" + "".join(row for _, row in made) + "        { 0 },\n};\n"
    pathlib.Path(output).write_text(text)
    pathlib.Path(depfile).write_text(f"{output}: {' '.join(str(file) for file in sources)}\n")


main(*sys.argv[1:])
