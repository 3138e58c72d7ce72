"""Everything the cloud remembers, and its file."""
import json
import os
import threading

TABLES = ("instances", "images", "snapshots", "volumes", "tags", "tokens", "settings", "launch_templates", "groups",
          "launch_configurations", "activities",
          "load_balancers", "target_groups", "listeners", "rules", "buckets", "profiles", "parameters")


class State:
    """Tables of plain records. Hold `lock` while reading or changing; call save() after a change."""

    def __init__(self, path):
        self.path = path
        self.lock = threading.RLock()
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
