"""The soak is long: `make soak` asks for it, and nothing else collects it."""

from __future__ import annotations

import os

collect_ignore_glob = [] if os.environ.get("SOAK") else ["test_*.py"]
