"""Settings of the whole suite."""

from hypothesis import HealthCheck, settings

from tests.fix_branches import remote, shop
from tests.hub import certificate, hub

__all__ = ["certificate", "hub", "remote", "shop"]

# Tests measure nothing: how long an example takes is not their business.
settings.register_profile(
    "dockfix", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
# Each commit is judged by examples of its own, the same ones in every run; `search` draws new ones.
settings.register_profile("thorough", settings.get_profile("dockfix"), max_examples=1500)
settings.register_profile("search", settings.get_profile("thorough"), derandomize=False)
settings.load_profile("dockfix")
