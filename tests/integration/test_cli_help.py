#!/usr/bin/env python3
"""The command line explains itself, and shells complete it."""
import os
import re
import shutil
import subprocess
import unittest

from clicase import CliCase, GHOST


class CliHelp(CliCase):
    def test_usage(self):
        self.assertRegex(self.ghost("--version"), r"\d+\.\d+\.\d+")
        self.assertRegex(self.ghost("-v"), r"\d+\.\d+\.\d+")
        for words in ([], ["deploy"], ["app", "ls"], ["app"]):
            for help in ("--help", "-h"):
                self.assertIn("Usage: ghost", self.ghost(*words, help))
        self.assertEqual(self.ghost("help"), self.ghost("--help"))
        self.assertIn("/docs/", self.ghost("help"))
        for words in (["nonsense"], ["app", "nonsense"], ["app", "ls", "--nonsense"], ["deploy"], ["--nonsense"], ["app", "ls", "more"]):
            self.assertIn("Error: ", self.ghost(*words, status=2))
        self.ghost("app", status=2)

    def test_versions(self):
        self.assertRegex(self.ghost("version"), r"^ghost \d\S+\ncontroller \S+\n$")
        self.assertIn("current_revision", self.json("version"))

    def commands(self):
        """Every command, as the help names them."""
        found = []
        section = None
        for line in self.ghost("--help").splitlines():
            if line.endswith(":"):
                section = line
            word = re.match(r"  ([\w-]+)  ", line)
            if word and section == "Management Commands:":
                listed = self.ghost(word[1], "--help")
                found += [[word[1], second] for second in re.findall(r"^  ([\w-]+)  ", listed, re.M)]
            elif word and section == "Commands:":
                found.append([word[1]])
        return found

    def test_every_command_has_help_and_is_completed(self):
        commands = self.commands()
        self.assertGreater(len(commands), 45)
        manual = self.ghost("--man").replace("\\-", "-")
        for words in commands:
            with self.subTest(words):
                help = self.ghost(*words, "--help")
                self.assertRegex(help, rf"^Usage: ghost {' '.join(words)} \[OPTIONS\].*\n\n\S.*\.\n")
                self.assertRegex(manual, rf'(?m)^\.SS "{" ".join(words)}[" ]')

    def complete(self, line):
        """What bash offers at the end of the line."""
        script = self.folder / "ghost.bash"
        script.write_text(self.ghost("completion", "bash"))
        words = line.split(" ")
        asked = f"source {script}; COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; _ghost; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        environment = self.environment | {"PATH": f"{os.path.dirname(GHOST)}:{os.environ['PATH']}"}
        run = subprocess.run(["bash", "-c", asked], env=environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=True)
        return run.stdout.split()

    def test_bash_completes(self):
        app_id = self.app()
        for words in self.commands():
            self.assertIn(words[0], self.complete("ghost "))
            if len(words) == 2:
                self.assertIn(words[1], self.complete(f"ghost {words[0]} "))
        for line, expected in [
            ("ghost app l", ["ls"]),
            ("ghost dep", ["deployment", "deploy"]),
            ("ghost --profile lab app l", ["ls"]),
            ("ghost deploy --str", ["--strategy"]),
            ("ghost deploy --strategy ", ["serial", "parallel"]),
            ("ghost deploy -m site --strategy p", ["parallel"]),
            ("ghost deploy ", ["shop/dev/webfront"]),
            ("ghost deploy shop/dev/webfront ", []),
            ("ghost app ls --output ", ["table", "json", "yaml"]),
            ("ghost completion f", ["fish"]),
        ]:
            with self.subTest(line):
                self.assertEqual(self.complete(line), expected)
        self.write("some.yaml", "")
        self.assertIn("some.yaml", self.complete("ghost app create so"))
        self.assertIn("some.yaml", self.complete("ghost app update shop/dev/webfront so"))
        self.ghost("app", "delete", app_id)
        self.assertEqual(self.complete("ghost deploy "), [])

    @unittest.skipUnless(shutil.which("fish"), "fish is not installed")
    def test_fish_completes(self):
        self.app()
        script = self.folder / "ghost.fish"
        script.write_text(self.ghost("completion", "fish"))
        environment = self.environment | {"PATH": f"{os.path.dirname(GHOST)}:{os.environ['PATH']}"}
        for line, expected in [
            ("ghost app l", {"ls"}),
            ("ghost --profile lab app l", {"ls"}),
            ("ghost dep", {"deploy", "deployment"}),
            ("ghost deploy --strategy ", {"serial", "parallel"}),
            ("ghost deploy ", {"shop/dev/webfront"}),
        ]:
            with self.subTest(line):
                run = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"], env=environment, cwd=self.folder, capture_output=True, text=True, timeout=60, check=True)
                self.assertEqual({offered.split("\t")[0] for offered in run.stdout.splitlines()}, expected)

    @unittest.skipUnless(shutil.which("zsh"), "zsh is not installed")
    def test_zsh_loads_the_completion_both_ways(self):
        folder = self.folder / "functions"
        folder.mkdir()
        (folder / "_ghost").write_text(self.ghost("completion", "zsh"))
        for asked in (f"source {folder}/_ghost", ":"):
            script = f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -D; {asked}; print $_comps[ghost]"
            run = subprocess.run(["zsh", "-f", "-c", script], env=self.environment, capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual((run.stdout, run.stderr), ("_ghost\n", ""))


if __name__ == "__main__":
    unittest.main()
