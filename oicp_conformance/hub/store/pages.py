"""Pages of a list, as Hubject cuts them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from oicp_conformance.hub.script import status_code

DEFAULT_SIZE = 20
LARGEST_SIZE = 2000
"""Records of a page; who asks for more gets as many (C161)."""
_NUMBER = re.compile(r"[0-9]{1,18}")

Item = TypeVar("Item")


def query_of(path: str) -> dict[str, str]:
    """The query parameters of a raw path; of a name that is there twice, the first."""
    try:
        pairs = parse_qsl(path.partition("?")[2], keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return dict(reversed(pairs))


@dataclass(frozen=True)
class Asked:
    """Which page of a list is asked for."""

    number: int = 0
    size: int = DEFAULT_SIZE

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """The values of `page` and `size`; one that is not a number, or not a page, counts as absent."""
        number = int(query["page"]) if _NUMBER.fullmatch(query.get("page", "")) else 0
        size = int(query["size"]) if _NUMBER.fullmatch(query.get("size", "")) else DEFAULT_SIZE
        return cls(number, min(size, LARGEST_SIZE) or DEFAULT_SIZE)

    def of_list(self, items: Sequence[Item], show: Callable[[Item], Any]) -> dict[str, Any]:
        """The page as a message; only what is on it is shown."""
        start = self.number * self.size
        content = [show(item) for item in items[start : start + self.size]]
        pages = -(-len(items) // self.size)
        return {
            "content": content,
            "number": self.number,
            "size": self.size,
            "totalElements": len(items),
            "pageable": {
                "sort": {"sorted": False, "unsorted": True, "empty": True},
                "pageNumber": self.number,
                "pageSize": self.size,
                "offset": start,
                "paged": True,
                "unpaged": False,
            },
            "last": self.number + 1 >= pages,
            "totalPages": pages,
            "first": self.number == 0,
            "numberOfElements": len(content),
            "StatusCode": status_code("000", "Success"),
            "empty": not content,
        }
