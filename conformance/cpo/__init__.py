"""The collection that tests a CPO."""
