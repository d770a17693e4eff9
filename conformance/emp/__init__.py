"""The collection that tests an EMP."""
