"""Reads the dashboard by Grafana's own models and writes it again: whatever the models do not know is lost, and told."""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(before, after, path=""):
    """The paths of what is in one and not the same in the other."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            if key not in after:
                if value not in (None, [], {}):
                    yield f"{path}.{key}"
            else:
                yield from lost(value, after[key], f"{path}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, pair in enumerate(zip(before, after)):
            yield from lost(*pair, f"{path}[{index}]")
    elif before != after:
        yield f"{path}: {before!r} became {after!r}"


register_default_plugins()
with open(sys.argv[1], encoding="utf-8") as file:
    text = json.load(file)
again = json.loads(JSONEncoder().encode(Dashboard.from_json(text)))
found = list(lost(text, again))
print("\n".join(found) or f"{len(text['panels'])} panels, all of them as Grafana's models have them")
sys.exit(bool(found))
