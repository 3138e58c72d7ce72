#!/usr/bin/env python3
"""The served description judged by people who do not know Ghost: valid OpenAPI, and what schemathesis makes of it
against the API is never a server error, never an answer that the description does not name, never of another shape."""
import json
import re
import subprocess
import tempfile
import unittest

import pypi
from restcase import RestCase
from route_cases import CASES, World

SECONDS = 35  # of one run at most; two of them
# Left out: negative_data_rejection, for the contract takes 1.5 for an integer and page=0 for the first page;
# positive_data_acceptance, for rules between members and documents (a name that is taken) are in no schema;
# ignored_auth, for whoever fails so often is answered 429 (test_routes.py asks each route with wrong logins).
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,missing_required_header,unsupported_method,allow_header_conformance,"
    "use_after_free,ensure_resource_availability"
)
PROGRAMS = None


class Outsiders(RestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.enterContext(tempfile.TemporaryDirectory(prefix="ghost-outsiders-"))
        self.document = self.call("GET", "/openapi.json", user=None)

    def run_program(self, name, *arguments, timeout=120):
        result = subprocess.run(
            [PROGRAMS / name, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=timeout, check=False
        )
        self.assertEqual(result.returncode, 0, (result.stdout + result.stderr)[-8000:])
        return result.stdout

    def schemathesis(self, configuration=""):
        """What is endless is followed by other tests. A missing If-Match is answered 428, as RFC 6585 has it."""
        statuses = "[checks.missing_required_header]\nexpected-statuses = [400, 401, 403, 404, 406, 415, 422, 428]\n"
        with open(f"{self.folder}/schemathesis.toml", "w", encoding="utf-8") as file:
            file.write(statuses + configuration)
        report = self.run_program(
            "schemathesis", "--config-file", "schemathesis.toml", "run", f"http://127.0.0.1:{self.port}/openapi.json", "--header",
            "Authorization: Bearer ann", "--checks", CHECKS, "--exclude-operation-id", "follow_job_log",
            "--exclude-operation-id", "follow_changes", "--request-timeout", "20", "--warnings", "off", "--seed", "1", *self.options, timeout=SECONDS * 8,
        )  # fmt: skip
        summary = re.search(r"(\d+) generated, (\d+) passed", report)
        self.assertTrue(summary, report[-2000:])
        print(f"schemathesis: {summary[0]}")
        return int(summary[2])

    def test_the_description_is_valid(self):
        path = f"{self.folder}/openapi.json"
        with open(path, "wb") as file:
            file.write(self.document.body)
        self.assertIn("OK", self.run_program("openapi-spec-validator", path))

    def test_whatever_is_sent(self):
        self.options = ["--phases", "coverage,fuzzing,stateful", "--max-examples", "20"]
        self.assertGreater(self.schemathesis(), 1000)

    def test_whatever_is_sent_to_what_is_there(self):
        """Paths and etags of real documents, one for each operation."""
        world, lines = World(self), []
        for path, methods in self.document.json["paths"].items():
            for method, operation in methods.items():
                case = CASES[f"{method.upper()} {path}"]
                if "{" not in path:
                    continue
                good = case.good(world)
                values = re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", path), good.path).groups()
                known = {f"path.{name}": value for name, value in zip(re.findall(r"\{(\w+)\}", path), values)}
                if "428" in operation["responses"]:
                    known["header.If-Match"] = self.call("GET", good.path, user="ann").json["_etag"]
                pairs = ", ".join(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in known.items())
                lines.append(f'[[operations]]\ninclude-operation-id = "{operation["operationId"]}"\nparameters = {{ {pairs} }}\n')
        self.options = ["--phases", "fuzzing", "--max-examples", "40", "--include-path-regex", "{"]
        self.assertGreater(self.schemathesis("".join(lines)), 300)


if __name__ == "__main__":
    PROGRAMS = pypi.programs("schemathesis==4.32.5", "openapi-spec-validator==0.9.0")
    unittest.main()
