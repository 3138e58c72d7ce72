#!/usr/bin/env python3
"""What a one-line change in a large module costs an instance: 2,000 files, 60 MB that do not compress, in a sandbox."""
import pathlib
import random
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))
import ghostlab  # noqa: E402
from truth import assert_truth  # noqa: E402

FILES, FILE_BYTES = 2000, 30_000
GOAL = 20  # times fewer bytes than all


class Unchanged(unittest.TestCase):
    def test_one_line(self):
        lab = self.enterContext(ghostlab.Lab())
        seeded = random.Random(1)
        repository = ghostlab.Repository(lab.folder / "site")
        files = {f"part{i % 40:02}/file{i:04}.bin": seeded.randbytes(FILE_BYTES) for i in range(FILES)}
        repository.commit({**files, "part20/config.txt": "colour = blue\n"}, "all", tag="v1")
        repository.commit({"part20/config.txt": "colour = green\n"}, "one line", tag="v2")
        module = {"name": "site", "git_repo": repository.url, "scope": "code", "path": "/srv/site"}
        app_id = lab.ready_app([module])
        full, one_line = self.fetched(lab, app_id, "v1"), self.fetched(lab, app_id, "v2")
        print(f"unchanged: all {full[0]}; a line changed: {one_line[0]}")
        self.assertLess(one_line[1] * GOAL, full[1])
        assert_truth(self, lab, app_id)

    @staticmethod
    def fetched(lab, app_id, rev):
        log = lab.log(lab.deploy(app_id, {"site": rev})["_id"])
        found = re.search(r"site: (fetched ([0-9.]+) (bytes|KiB|MiB).*)", log)
        return found[1], float(found[2]) * {"bytes": 1, "KiB": 1 << 10, "MiB": 1 << 20}[found[3]]


if __name__ == "__main__":
    unittest.main()
