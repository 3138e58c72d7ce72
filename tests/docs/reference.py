#!/usr/bin/env python3
"""The parts of docs/ that are made from the programs' own tables: reference.py GHOST CONTROLLER AGENT [--write]

Fails when they are not what the programs say; --write makes them so."""
import difflib
import re
import subprocess
import sys

from markdown_text import DOCS, ROOT, blocks, without_blocks

BEGIN, END = "<!-- made by tests/docs/reference.py: begin -->\n", "<!-- end -->\n"


def say(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


# ---- commands of the command line ------------------------------------------------------------------------------------


def listed(help, title):
    """Words and summaries below a title."""
    part = re.search(rf"^{title}:\n((?:  .*\n)+)", help, re.M)
    return re.findall(r"^  ([\w-]+)  +(.*)$", part[1], re.M) if part else []


def all_commands(ghost):
    help = say(ghost, "--help")
    for word, _ in listed(help, "Management Commands"):
        for second, _ in listed(say(ghost, word, "--help"), "Commands"):
            yield f"{word} {second}"
    for word, _ in listed(help, "Commands"):
        yield word


def options(help, title):
    """("-f, --live-logs", "what it does"); the help of a long one stands in the next line."""
    part = re.search(rf"^{title}:\n((?:  .*\n?)+)", help, re.M)
    text = re.sub(r"\n {20,}", "    ", part[1]) if part else ""
    found = re.findall(r"^  +((?:-\w, )?--.*?)(?:  +)(\S.*)$", text, re.M)
    return [f"- `{left}`: {words}" for left, words in found]


def describe_command(ghost, name):
    help = say(ghost, *name.split(), "--help")
    usage = re.match(r"Usage: (.*)\n", help)[1]
    before = help.split("\nOptions", 1)[0]
    paragraphs = [" ".join(part.split()) for part in before.split("\n\n")[1:] if part.strip()]
    lines = [f"### {name}", f"```text\n{usage}\n```", *paragraphs]
    own = options(help, "Options")
    return "\n\n".join(lines + (["\n".join(own)] if own else [])) + "\n"


def commands(ghost):
    common = "\n".join(options(say(ghost, "--help"), "Options"))
    parts = [f"### Options of every command\n\n{common}\n"]
    parts += [describe_command(ghost, name) for name in sorted(all_commands(ghost))]
    return "\n".join(parts)


def programs(*paths):
    return "\n".join(f"```text\n{say(path, '--help').strip()}\n```\n" for path in paths)


# ---- what the pages say to type --------------------------------------------------------------------------------------


def typed():
    """Every "ghost …" that a page says to type, with where."""
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text()
        if page.name == "commands.md":
            continue
        for block in blocks(text):
            if block.language == "sh":
                yield from ((page.name, line.strip()) for line in block.text.split("\n") if line.strip().startswith("ghost "))
        yield from ((page.name, words) for words in re.findall(r"`(ghost [^`\n]+)`", without_blocks(text)))


def wrong_use(ghost):
    """What is typed is a command, its options are its own."""
    known = {name: set(re.findall(r"(?<![\w-])--?[\w-]+", say(ghost, *name.split(), "--help"))) for name in all_commands(ghost)}
    for page, line in typed():
        words = re.sub(r"['\"].*?['\"]", "", line).replace("…", "").split()[1:]
        name = next((" ".join(words[:count]) for count in (2, 1) if " ".join(words[:count]) in known), None)
        if not name:
            yield f"docs/{page}: no such command: {line}"
            continue
        for option in re.findall(r"(?<!\S)--?[a-z][\w-]*", line.split(" | ")[0].split(" || ")[0]):
            if option not in known[name]:
                yield f"docs/{page}: '{name}' has no option {option}"


# ---- settings --------------------------------------------------------------------------------------------------------


def settings(program):
    lines = []
    for part in say(program, "--print-settings").strip().split("\n\n"):
        *comments, assignment = part.split("\n")
        name, _, value = assignment.lstrip("#").partition(" =")
        words = " ".join(line[2:] for line in comments)
        words = words.replace("*", r"\*").replace("_", r"\_").replace("<", "&lt;")
        default = f" Unless set: `{value.strip()}`." if value.strip() else ""
        lines.append(f"- **`{name}`**: {words}{default}")
    return "\n".join(lines) + "\n"


# ---- files -----------------------------------------------------------------------------------------------------------


def filled(text, parts):
    """Each marked place of the text, in order, with its part."""
    pieces = text.split(BEGIN)
    assert len(pieces) == len(parts) + 1, "as many places as parts"
    return pieces[0] + "".join(BEGIN + "\n" + part + "\n" + END + piece.split(END, 1)[1] for part, piece in zip(parts, pieces[1:]))


def check_jobs(text):
    """Every command of a job has a heading, every option with a name is named."""
    names = re.findall(r'^        "(\w+)",$', (ROOT / "proto/model/command.c").read_text(), re.M)
    assert len(names) > 10
    part = text.split("## Commands of jobs", 1)[1]
    missing = [name for name in names if f"### `{name}`" not in part]
    table = re.search(r"\} named\[\] = \{(.*?)^\};", (ROOT / "proto/model/job_options.c").read_text(), re.M | re.S)[1]
    missing += [name for name in re.findall(r'\{ "(\w+)",', table) if f"`{name}=" not in part]
    return missing


def main(ghost, controller, agent, write=None):
    wanted = {"commands.md": [commands(ghost), programs(controller, agent)], "settings.md": [settings(controller), settings(agent)]}
    status = 0
    for name, parts in wanted.items():
        file = DOCS / name
        text = file.read_text()
        made = filled(text, parts)
        if made == text:
            continue
        if write == "--write":
            file.write_text(made)
            continue
        status = 1
        sys.stdout.writelines(difflib.unified_diff(text.splitlines(True), made.splitlines(True), f"docs/{name}", "the programs"))
    missing = check_jobs((DOCS / "commands.md").read_text())
    if missing:
        print("docs/commands.md says nothing of:", *missing)
        status = 1
    wrong = list(wrong_use(ghost))
    if wrong:
        print(*wrong, sep="\n")
        status = 1
    if status:
        print("tests/docs/reference.py GHOST CONTROLLER AGENT --write makes it so")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
