"""Everything the cloud remembers, and its file."""
import json
import os
import threading

TABLES = ("instances", "images", "snapshots", "volumes", "interfaces", "tags", "tokens", "settings",
          "launch_templates", "groups", "launch_configurations", "activities",
          "load_balancers", "target_groups", "listeners", "rules", "buckets", "profiles", "parameters")


class State:
    """Tables of plain records. Hold `lock` while reading or changing; call save() after a change."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()
        self._late_tags = {}  # resource: for how many describes of its kind they are not shown
        for table in TABLES:
            setattr(self, table, {})

    def load(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                tables = json.load(file)
        except FileNotFoundError:
            return
        for table in TABLES:
            setattr(self, table, tables.get(table, {}))

    def save(self):
        with self.lock:
            text = json.dumps({table: getattr(self, table) for table in TABLES}, indent=1)
            draft = f"{self.path}.new"
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(draft, self.path)

    def tags_of(self, resource_id):
        return self.tags.get(resource_id, {})

    def shown_tags(self, resource_id):
        """What describes tell: they may be behind."""
        return {} if self._late_tags.get(resource_id, 0) > 0 else self.tags_of(resource_id)

    def delay_tags(self, resource_ids, polls):
        self._late_tags.update(dict.fromkeys(resource_ids, polls))

    def count_describe(self, kind):
        """A describe of that kind ("i", "ami") brings late tags one poll nearer."""
        for resource_id in self._late_tags:
            if resource_id.startswith(f"{kind}-"):
                self._late_tags[resource_id] -= 1


def enter_state(row, name):
    """Another state; an old view shows the one before."""
    row["before"] = row["state"]
    row["state"] = name


def as_before(row):
    return {**row, "state": row.get("before", row["state"])}
