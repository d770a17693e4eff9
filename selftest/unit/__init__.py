"""Unit tests: no process, no network, each within milliseconds."""
