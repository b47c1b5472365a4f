"""What all tests share."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# no wall time decides a test; failing examples print how to get them again; a gate gives the same answer twice
settings.register_profile(
    "bridge",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("bridge")
