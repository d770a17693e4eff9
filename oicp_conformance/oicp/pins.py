"""Whether a hash is the one of a PIN."""

from functools import lru_cache

import bcrypt


@lru_cache(maxsize=1024)  # Bcrypt is slow on purpose, and the judge asks after every test
def pin_matches(pin: str, hashed: str) -> bool:
    """Whether a Bcrypt hash is the one of the PIN; False for what is no such hash."""
    try:
        return bcrypt.checkpw(pin.encode(), hashed.encode())
    except ValueError:
        return False
