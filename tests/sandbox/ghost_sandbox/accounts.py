"""Several accounts: who may act in which of them, by which keys."""
import secrets
import time

from .errors import ApiError
from .ids import new_id

SHORTEST, LONGEST, CHAINED = 900, 43200, 3600  # seconds that a session of a role may last
LIFETIME = 3600


class Accounts:
    """The other accounts of the first one's world, their roles, and the sessions of roles."""

    def __init__(self, first):
        self.first = first
        self._clouds = {}
        self._sessions = {}  # access key → (account, ARN of the session)

    def resume(self):
        """After a restart: the accounts of the last run. Their sessions have ended."""
        for account in self.first.state.settings.get("accounts", []):
            self.cloud(account)

    def others(self):
        return list(self._clouds.values())

    def cloud(self, account):
        """That account's; made when it is new."""
        if account == self.first.account:
            return self.first
        if account not in self._clouds:
            other = type(self.first)(self.first.options, self.first, account)
            other.join()
            self._clouds[account] = other
            known = self.first.state.settings.setdefault("accounts", [])
            if account not in known:
                known.append(account)
                self.first.state.save()
        return self._clouds[account]

    def known(self, account):
        return self.first if account == self.first.account else self._clouds.get(account)

    def of_caller(self, access_key):
        """The cloud that the key acts in, and the ARN of who has it."""
        if access_key in self._sessions:
            account, arn = self._sessions[access_key]
            return self._clouds.get(account, self.first), arn
        return self.first, f"arn:aws:iam::{self.first.account}:user/ghost"

    def is_session(self, access_key):
        return access_key in self._sessions

    def end_sessions(self):
        """Before their time, so that a test need not wait for it."""
        for key in self._sessions:
            secret, token, _ = self.first.verifier.keys[key]
            self.first.verifier.keys[key] = (secret, token, 0)

    # roles

    def declare_role(self, account, name, external_id=None, trusts=None, max_session_seconds=LONGEST, token=None):
        """token: of an identity provider, for AssumeRoleWithWebIdentity."""
        cloud = self.cloud(account)
        cloud.state.settings.setdefault("roles", {})[name] = {
            "external_id": external_id, "trusts": trusts or self.first.account, "longest": int(max_session_seconds), "token": token}
        cloud.state.save()
        return cloud

    def role(self, arn):
        """(cloud, name, role) of arn:aws:iam::ACCOUNT:role/NAME; None when there is none."""
        parts = arn.split(":")
        if len(parts) != 6 or parts[:3] != ["arn", "aws", "iam"] or not parts[5].startswith("role/"):
            return None
        cloud, name = self.known(parts[4]), parts[5][len("role/"):]
        role = cloud.state.settings.get("roles", {}).get(name) if cloud else None
        return (cloud, name, role) if role else None

    def open_session(self, cloud, name, session_name, seconds):
        """The keys of a session of that role."""
        key, secret, token = "ASIA" + secrets.token_hex(8).upper(), secrets.token_hex(20), secrets.token_hex(60)
        ends = time.time() + seconds
        arn = f"arn:aws:sts::{cloud.account}:assumed-role/{name}/{session_name}"
        self.first.verifier.keys[key] = (secret, token, ends)
        self._sessions[key] = (cloud.account, arn)
        return {"AccessKeyId": key, "SecretAccessKey": secret, "SessionToken": token, "ends": ends}, arn, new_id("AROA")


def check_duration(asked, longest, chained):
    """How long a session shall last."""
    if asked is None:
        return min(LIFETIME, longest)
    if not SHORTEST <= asked <= LONGEST:
        raise ApiError("ValidationError", f"1 validation error detected: Value '{asked}' at 'durationSeconds' failed to satisfy "
                       f"constraint: Member must have value between {SHORTEST} and {LONGEST}")
    if chained and asked > CHAINED:
        raise ApiError("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
                       "chaining")
    if asked > longest:
        raise ApiError("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return asked
