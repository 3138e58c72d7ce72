#!/usr/bin/env python3
"""Renders docs/*.md as pages and writes them as C: build.py DOCS OUTPUT.c DEPFILE; without DOCS (""): an empty table.

What pages.py makes of the Markdown can be seen in a browser without a controller: pages.py DOCS FOLDER.
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
sys.dont_write_bytecode = True
import embed_files  # noqa: E402 (beside the folder of this file)


def main(docs, output, depfile):
    here = pathlib.Path(__file__).resolve().parent
    files = {}
    sources = [*sorted(here.glob("*.*")), pathlib.Path(embed_files.__file__)]
    if docs:
        import pages

        files = pages.render(pathlib.Path(docs))
        sources += [docs, *sorted(pathlib.Path(docs).rglob("*"))]  # the folders too: a new page changes them
    embed_files.write(output, "docs_files", "ui/docs/docs_files.h", files)
    embed_files.write_depfile(depfile, output, sources)


main(*sys.argv[1:])
