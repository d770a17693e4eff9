"""The conformance suite for OICP 2.3."""
