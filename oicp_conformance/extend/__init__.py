"""What packages that extend the suite may import: `drivers`, `rules` and `reports`.

The names in `__all__` of these modules, and those of `oicp_conformance.testing`, are public: they change
only with a new major version. All other modules may change at any time.
"""
