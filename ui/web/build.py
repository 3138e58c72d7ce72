#!/usr/bin/env python3
"""Builds the web interface and writes it as C: build.py SOURCE STAGE OUTPUT.c DEPFILE; without SOURCE (""): an empty one.

npm and vite work in STAGE, a copy, so that the source tree stays as it was checked out.
"""
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True
import embed_files  # noqa: E402 (beside the folder of this file)

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


def main(source, stage, output, depfile):
    files = {}
    sources = [pathlib.Path(__file__).resolve(), pathlib.Path(embed_files.__file__)]
    if source:
        stage = pathlib.Path(stage)
        stage.mkdir(parents=True, exist_ok=True)
        sources += copy_sources(pathlib.Path(source), stage)
        install_packages(stage)
        run(stage, "npx", "--no-install", "vite", "build", "--logLevel", "warn", GHOST_WEB_OUT="dist")
        built = stage / "dist"
        files = {str(file.relative_to(built)): file.read_bytes() for file in sorted(built.rglob("*")) if file.is_file()}
    embed_files.write(output, "web_files", "ui/web/web_files.h", files)
    embed_files.write_depfile(depfile, output, sources)


main(*sys.argv[1:])
