"""Secrets stay out of all that a run writes.

`Redactor` is what all writers go through. The judge judges what was said as it was said; what is written is
redacted so that judging it again gives the same verdicts:

- PINs, hashes of PINs, and what the profile names as a secret field become others of the same form, the same
  ones wherever they stand (`pseudonyms`); so do EvcoIDs and UIDs where the profile says so. The key for that
  is made for one run, and kept nowhere.
- Credentials, private keys and the secrets that the profile lists become a mark (`forms` knows how they may
  be written); in an id that the judge looks into, others of the same form.

A secret is told by the name before it (`names`), by its form (`credentials`), because the profile names it
(`listed`), or because it was seen in a field before (`seen`). From these, `texts`, then `values`, `bodies`,
`messages` and `findings` are made, each knowing only those before it.

Most of what is said comes again and again: `memory` keeps what was found out about it until something is
learned.

At the end of a run, `leaks` looks for the listed secrets in all that was written.
"""

from oicp_conformance.profile import MARK
from oicp_conformance.redaction.redactor import Redactor
from oicp_conformance.redaction.search import leaks

__all__ = ["MARK", "Redactor", "leaks"]
