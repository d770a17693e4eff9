"""Which names a secret stands after: of fields, and of headers."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

Kind = Literal["pin", "hash", "uid", "evco_id", "text", "number", "credential"]
"""What is written in place of a value: a pseudonym of that kind; of a credential, a mark."""

_FIELDS: Mapping[str, Kind] = {"pin": "pin", "hashedpin": "hash", "legacyhashdata": "hash"}
_PERSONAL: Mapping[str, Kind] = {
    "uid": "uid",
    "evcoid": "evco_id",
    "printednumber": "text",
    "idtag": "uid",
    "idtoken": "uid",
}
OF_DRIVERS = frozenset({"idtag", "idtoken"})
"""Fields of OCPP, in lower case, that hold what a driver presents: no credential of a system. The `id_token`
of OpenID is one."""
_CREDENTIALS = (
    *("authorization", "proxyauthorization", "cookie", "setcookie", "xapikey", "apikey", "password"),
    *("accesstoken", "refreshtoken", "clientsecret", "privatekey", "authorizationkey"),
    *("auth", "bearer", "otp", "pass"),
)
_HEADER = re.compile(
    r"(.*-)?authorization|(set-)?cookie|x-session.*|x-auth.*|(x|ocp)-.*-key"
    r"|.*(api-?key|token|secret|password|credential|subscription-key|signature).*",
    re.IGNORECASE,
)
LIKE_CREDENTIALS = (
    *("token", "secret", "password", "passwd", "pwd", "passphrase", "passwordhash", "credential", "jwt"),
    *("apikey", "accesskey", "authkey", "subscriptionkey"),
)
"""How the names of fields end that hold a credential, without separators; no field of OICP does."""
SPELT = "token|secret|password|passwd|pwd|passphrase|credential|jwt|signature|(?:api|access|auth)[_-]?key"
"""How such names end in texts and in queries: an expression."""


class Names:
    """The names of a run: those that always tell, and those that the profile adds."""

    def __init__(
        self, *, headers: Sequence[str], fields: Sequence[str], personal: bool, only_headers: bool
    ) -> None:
        self.headers = headers
        """The headers that the profile adds."""
        self.fields = fields
        """The fields that the profile adds."""
        self.in_texts = frozenset({*fields, "PIN", "HashedPIN", *(("UID", "EvcoID") if personal else ())})
        """The fields that people name in texts."""
        all_kinds: dict[str, Kind] = {
            **dict.fromkeys(_CREDENTIALS, "credential"),
            **dict.fromkeys(map(bare, headers), "credential"),
            **dict.fromkeys(map(bare, fields), "text"),
            **(_PERSONAL if personal else {}),
            **_FIELDS,
        }
        self.kinds: Mapping[str, Kind] = {} if only_headers else all_kinds
        """The kinds of fields, by their names without separators and in lower case."""
        self._headers = frozenset(map(str.lower, headers))
        self.is_secret = lru_cache(maxsize=4096)(self._is_secret)
        """Whether a header holds a credential; the names of headers come again, too."""
        self.kind = lru_cache(maxsize=4096)(self._kind)
        """Of which kind the value of a field is, within one of another kind; most names come again."""

    def _is_secret(self, header: str) -> bool:
        return header.lower() in self._headers or _HEADER.fullmatch(header) is not None

    def _kind(self, field: str, within: Kind | None = None) -> Kind | None:
        if (within, field.lower()) in {("hash", "function"), ("uid", "type")}:
            return None
        name = bare(field)
        known = within or self.kinds.get(name)
        if (
            known is None
            and self.kinds
            and name.endswith(LIKE_CREDENTIALS)
            and field.lower() not in OF_DRIVERS
        ):
            return "credential"
        return known


def bare(name: str) -> str:
    """A name without separators and in lower case."""
    return re.sub(r"[-_ ]", "", name).lower()
