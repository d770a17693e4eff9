"""The conformance suite for OICP 2.3."""

__version__ = "0.1.0"
