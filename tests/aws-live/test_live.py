#!/usr/bin/env python3
"""The end-to-end flows of groups, in a real AWS account. Skipped, and said so, unless the environment names one: see run.sh."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

import livelab  # noqa: E402
from test_group_flows import GroupFlows  # noqa: E402

MISSING = livelab.missing()


@unittest.skipIf(MISSING, f"no AWS account is given: {', '.join(MISSING)}")
class LiveGroupFlows(GroupFlows):
    LAB = livelab.LiveLab


del GroupFlows

if __name__ == "__main__":
    unittest.main()
