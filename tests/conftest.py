"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# no wall time decides a test; failing examples print how to get them again
settings.register_profile("bridge", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bridge")
