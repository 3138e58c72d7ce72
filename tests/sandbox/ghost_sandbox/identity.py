"""Instance identity documents and the key they are signed with."""
import base64
import json
import os
import subprocess
import tempfile
import textwrap

from .clock import utc_text


class Identity:
    """Signs as AWS does for `rsa2048`: PKCS#7, SHA-256, content inside, certificate not."""

    def __init__(self, folder):
        self.key = os.path.join(folder, "identity.key")
        self.certificate = os.path.join(folder, "identity.pem")
        self._signed = {}

    def make_key(self):
        if os.path.exists(self.certificate):
            return
        run_openssl(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "3650", "-keyout", self.key,
                     "-out", self.certificate, "-subj", "/C=US/ST=Washington/L=Seattle/O=ghost-sandbox"])
        os.chmod(self.key, 0o600)

    def signed(self, document):
        """The base64 lines that /dynamic/instance-identity/rsa2048 serves. Made once per document."""
        if document not in self._signed:
            with tempfile.NamedTemporaryFile() as file:
                file.write(document)
                file.flush()
                der = run_openssl(["cms", "-sign", "-binary", "-nodetach", "-stream", "-nocerts", "-md", "sha256",
                                   "-in", file.name, "-signer", self.certificate, "-inkey", self.key,
                                   "-outform", "DER"])
            lines = textwrap.wrap(base64.b64encode(der).decode(), 76)
            self._signed[document] = "\n".join(lines).encode()
        return self._signed[document]


def run_openssl(arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False, timeout=60)
    if done.returncode != 0:
        raise OSError(f"openssl {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def document(cloud, row):
    """The identity document of a boot; pendingTime changes at every start."""
    fields = {"accountId": cloud.account, "architecture": cloud.state.images[row["image"]]["architecture"],
              "availabilityZone": row["zone"], "billingProducts": None, "devpayProductCodes": None,
              "marketplaceProductCodes": None, "imageId": row["image"], "instanceId": row["id"],
              "instanceType": row["type"], "kernelId": None, "pendingTime": utc_text(row["launch_time"])[:19] + "Z",
              "privateIp": row["private_ip"], "ramdiskId": None, "region": cloud.region, "version": "2017-09-30"}
    return json.dumps(fields, indent=2, separators=(",", " : ")).encode()
