"""What can go wrong with the hub itself."""

import errno

OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS, errno.ENOSPC, errno.EDQUOT})
"""What the system says when this machine, and not the target, has run out of something."""


class HubError(RuntimeError):
    """The hub cannot stand where, or as, the profile wants it: the suite's own trouble."""


class HubSettingsError(HubError):
    """What the profile says of the hub cannot be used on any day: it has to be changed."""
