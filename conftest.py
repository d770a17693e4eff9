"""Makes the suite's plugin known to pytest."""

pytest_plugins = ["conformance.plugin"]
