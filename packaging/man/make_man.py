#!/usr/bin/env python3
"""Fills a manual page: make_man.py TEMPLATE OUTPUT VERSION SOURCE [PROGRAM]

@SETTINGS@ comes from SOURCE, a commented configuration file; @SYNOPSIS@ and @OPTIONS@ from what PROGRAM --help says.
"""
import pathlib
import re
import subprocess
import sys
import textwrap

DATE = "November 28, 2026"


def roff(text):
    """Text that roff does not take for its own."""
    text = text.replace("\\", "\\e").replace("…", "...").replace("-", "\\-").replace("→", "\\(->")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line for line in text.split("\n"))


def macro(text):
    """As an argument of a macro: no word in it is a macro itself."""
    return '"' + roff(text).replace('"', '""') + '"'


def settings(file):
    lines = [".Bl -tag -width Ds"]
    for part in file.read_text().strip().split("\n\n"):
        *comments, assignment = part.split("\n")
        name, _, value = assignment.lstrip("#").partition(" =")
        words = [line[2:] for line in comments]
        lines.append(f".It Cm {macro(name)}")
        lines.append(roff(" ".join(words).replace(". ", ".\n")))
        if value.strip():
            lines += [".br", roff(f"Unless set: {value.strip()}")]
    return "\n".join(lines + [".El"])


def synopsis(help):
    usage = re.match(r"[Uu]sage: ((?:.*\n)+?)\n", help)[1]
    calls = [re.sub(r"  +.*", "", line.strip()) for line in usage.strip().split("\n")]
    return "\n".join([".Bd -literal -compact", *(roff(call) for call in calls), ".Ed"])


def options(help):
    """Lines that begin with an option; what is further to the right belongs to the one before."""
    found = []
    for line in help.split("\n"):
        option = re.match(r" {1,8}((?:-\w, )?--[\w-]+(?: [A-Z]+)?) +(\S.*)", line)
        if option:
            found.append([option[1], option[2]])
        elif found and re.match(r" {12,}\S", line):
            found[-1][1] += " " + line.strip()
        elif found and not line.strip():
            break
    lines = [".Bl -tag -width Ds"]
    for left, words in found:
        lines += [f".It {roff_option(left)}", roff(words[:1].upper() + words[1:] + ("" if words.endswith(".") else "."))]
    return "\n".join(lines + [".El"])


def filled(line):
    """Text in lines of a decent length; what begins a line is no macro because of it."""
    if len(line) <= 78 or line.startswith("."):
        return line
    lines = textwrap.wrap(line, 76, break_long_words=False, break_on_hyphens=False)
    return "\n".join("\\&" + part if part[0] in ".'" else part for part in lines)


def roff_option(left):
    parts = []
    for word in left.split(", "):
        name, _, argument = word.partition(" ")
        parts.append(f"Fl {roff(name[1:])}" + (f" Ar {argument}" if argument else ""))
    return " , ".join(parts)


def main(template, output, version, source, program=None):
    help = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout if program else ""
    values = {"VERSION": version, "DATE": DATE}
    text = pathlib.Path(template).read_text()
    if "@SETTINGS@" in text:
        values["SETTINGS"] = settings(pathlib.Path(source))
    if help:
        values |= {"SYNOPSIS": synopsis(help), "OPTIONS": options(help)}
    text = re.sub(r"@([A-Z]+)@", lambda match: values[match[1]], text)
    pathlib.Path(output).write_text("\n".join(filled(line) for line in text.split("\n")))


main(*sys.argv[1:])
