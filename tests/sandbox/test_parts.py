"""The parts that need no running sandbox."""
import unittest

import sandbox_case  # noqa: F401: sets the path

from ghost_sandbox import ec2
from ghost_sandbox.errors import ApiError
from ghost_sandbox.faults import Faults
from ghost_sandbox.filters import wildcard
from ghost_sandbox.markup import document, element
from ghost_sandbox.pages import page
from ghost_sandbox.query import Params, parse_form
from ghost_sandbox.signing import SigningError, Verifier, canonical_path, canonical_query

# The example of the AWS documentation (GET object, signed range), a third party's signature.
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HEADERS = [
    ("Host", "examplebucket.s3.amazonaws.com"), ("Range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY),
    ("x-amz-date", "20130524T000000Z"),
    ("Authorization", f"AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request, "
     "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
     "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")]


class Signing(unittest.TestCase):
    def verify(self, headers=None, target="/test.txt", body=b"", now=1369353600, keys=None):
        verifier = Verifier(keys or {KEY: (SECRET, None)}, "us-east-1", now=lambda: now)
        return verifier.verify("GET", target, headers or HEADERS, body)

    def refused(self, kind, **arguments):
        with self.assertRaises(SigningError) as caught:
            self.verify(**arguments)
        self.assertEqual(caught.exception.kind, kind)

    def test_documented_example_is_believed(self):
        self.assertEqual(self.verify().service, "s3")

    def test_whatever_differs_is_refused(self):
        self.refused("signature", target="/test2.txt")
        self.refused("signature", keys={KEY: ("other", None)})
        self.refused("key", keys={"OTHER": (SECRET, None)})
        self.refused("time", now=1369353600 + 301)
        self.refused("missing", headers=HEADERS[:-1])
        self.refused("token", headers=[*HEADERS, ("x-amz-security-token", "t")])
        self.refused("signature", headers=[*HEADERS, ("x-amz-extra", "not signed")])

    def test_canonical_forms(self):
        self.assertEqual(canonical_path("/a/./b//../c/", "ec2"), "/a/c/")
        self.assertEqual(canonical_path("/a%20b", "ec2"), "/a%2520b")
        self.assertEqual(canonical_path("/a//b/../c", "s3"), "/a//b/../c")
        self.assertEqual(canonical_query("b=2&a=%2f&lifecycle&a=+"), "a=%2B&a=%2F&b=2&lifecycle=")


class Wire(unittest.TestCase):
    def test_xml(self):
        self.assertEqual(element("a", {"b": ["x", {"c": 1}], "d": True, "e": None, "f": "", "g": []}),
                         "<a><b><item>x</item><item><c>1</c></item></b><d>true</d><f/><g/></a>")
        self.assertEqual(element("a", "<&>\x01"), "<a>&lt;&amp;&gt;\ufffd</a>")
        self.assertIn(b'<R xmlns="n"><a><member>1</member></a></R>', document("R", "n", {"a": [1]}, "member"))

    def test_lists_and_structs(self):
        params = Params(parse_form(b"A.2=y&A.10=z&A.1=x&S.1.N=n&S.1.V.1=v&Flag=true"))
        self.assertEqual(params.list("A"), ["x", "y", "z"])
        self.assertEqual([(part.text("N"), part.list("V")) for part in params.structs("S")], [("n", ["v"])])
        self.assertTrue(params.boolean("Flag"))
        for form in (b"A=1&A=2", b"A=%FF", b"A&B"):
            with self.assertRaises(ApiError, msg=form):
                parse_form(form)

    def test_wrong_values(self):
        params = Params({"I": "x", "B": "yes", "L.zero": "1", "C": "maybe"})
        for read in (lambda: params.integer("I"), lambda: params.boolean("B"), lambda: params.list("L"),
                     lambda: params.choice("C", ["on", "off"]), lambda: params.required("Absent")):
            with self.assertRaises(ApiError):
                read()

    def test_unknown_names(self):
        known = ec2.ACTIONS["RunInstances"].names
        Params({"Action": "RunInstances", "TagSpecification.1.Tag.3.Key": "k"}).check_names(known)
        with self.assertRaises(ApiError) as caught:
            Params({"TagSpecifications.1.Tags.1.Key": "k"}).check_names(known)
        self.assertEqual(caught.exception.code, "UnknownParameter")

    def test_wildcards(self):
        self.assertTrue(wildcard("ami.*.web?").fullmatch("ami.prod.web1"))
        self.assertFalse(wildcard("a\\*b").fullmatch("axb"))
        self.assertTrue(wildcard("a\\*b").fullmatch("a*b"))
        self.assertFalse(wildcard("a.b").fullmatch("axb"))

    def test_pages(self):
        rows = list(range(12))
        found, token = [], None
        while True:
            form = {"MaxResults": "5", **({"NextToken": token} if token else {})}
            part, token = page(Params(form), rows)
            found += part
            if not token:
                break
        self.assertEqual(found, rows)
        with self.assertRaises(ApiError):
            page(Params({"NextToken": "made-up"}), rows)


class FaultRules(unittest.TestCase):
    def test_nth_and_count(self):
        faults = Faults()
        faults.add({"action": "RunInstances", "nth": 2, "count": 2})
        hits = [bool(faults.for_call("ec2", "RunInstances")) for _ in range(5)]
        self.assertEqual(hits, [False, True, True, False, False])
        self.assertIsNone(faults.for_call("ec2", "StopInstances"))

    def test_for_ever_and_other_services(self):
        faults = Faults()
        faults.add({"service": "sts", "count": 0})
        self.assertIsNone(faults.for_call("ec2", "RunInstances"))
        self.assertTrue(all(faults.for_call("sts", "GetCallerIdentity") for _ in range(9)))

    def test_nonsense_is_refused(self):
        for rule in ({"when": "sometimes"}, {"whem": "before"}):
            with self.assertRaises(ValueError):
                Faults().add(rule)


if __name__ == "__main__":
    unittest.main()
