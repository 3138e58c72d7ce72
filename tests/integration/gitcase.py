"""Git repositories on this machine's disk, as modules of applications name them."""
import os
import subprocess

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"))},
}


class Repository:
    """Has a branch main with one commit, "first"."""

    def __init__(self, path):
        self.path = str(path)
        os.makedirs(self.path)
        self.git("init", "-q", "-b", "main", ".")
        self.commit("first", {"index.html": "one\n"})

    def git(self, *arguments):
        return subprocess.run(
            ["git", *arguments], cwd=self.path, env=ENVIRONMENT, check=True, stdout=subprocess.PIPE, text=True, timeout=60
        ).stdout.strip()

    def commit(self, subject, files):
        """Writes the files (None: removes) and returns the commit."""
        for name, text in files.items():
            path = os.path.join(self.path, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if text is None:
                os.unlink(path)
            else:
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
        self.git("add", "-A")
        self.git("commit", "-qm", subject)
        return self.git("rev-parse", "HEAD")
