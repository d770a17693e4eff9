"""What can go wrong with the hub itself."""


class HubError(RuntimeError):
    """The hub cannot stand where, or as, the profile wants it: the suite's own trouble."""
