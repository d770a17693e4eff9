"""What the reference EMP asks the hub for: charging points, how they are, prices and CDRs."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from oicp_conformance.reference import permissive as reading
from oicp_conformance.reference.backend import Backend, StimulusRefusedError
from oicp_conformance.reference.charge import now
from oicp_conformance.reference.hooks import Reply
from oicp_conformance.reference.permissive import Check, Json, Message

DATA, STATUS = "eRoamingPullEvseData", "eRoamingPullEvseStatus"
STATUS_BY_ID, STATUS_BY_OPERATOR = "eRoamingPullEvseStatusByID", "eRoamingPullEvseStatusByOperatorID"
CDRS = "eRoamingGetChargeDetailRecords"
PRODUCTS, PRICING = "eRoamingPullPricingProductData", "eRoamingPullEVSEPricing"
PATHS: Mapping[str, str] = {
    DATA: "/api/oicp/evsepull/v23/providers/{partner}/data-records",
    STATUS: "/api/oicp/evsepull/v21/providers/{partner}/status-records",
    STATUS_BY_ID: "/api/oicp/evsepull/v21/providers/{partner}/status-records-by-id",
    STATUS_BY_OPERATOR: "/api/oicp/evsepull/v21/providers/{partner}/status-records-by-operator-id",
    CDRS: "/api/oicp/cdrmgmt/v22/providers/{partner}/get-charge-detail-records-request",
    PRODUCTS: "/api/oicp/dynamicpricing/v10/providers/{partner}/pricing-products",
    PRICING: "/api/oicp/dynamicpricing/v10/providers/{partner}/evse-pricing",
}
PULLS = tuple(PATHS)
PAGE_SIZE = 50
MOST_PAGES = 1000
MOST_EVSE_IDS = 100
TRIES = 2
"""How often a page is asked for that does not come."""
TOO_MANY = 429
PAUSES = (0.15, 0.3, 0.6)
"""Seconds before a page is asked for again where the hub says that there were too many requests."""
PULL_TIMEOUT = 30.0

Job = Callable[[], None]


def records(value: Json) -> list[Message]:
    """Take the objects out of what should be a list of them."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def inside(value: Json, name: str) -> Json:
    """Look into what should be an object."""
    return value.get(name) if isinstance(value, dict) else None


def is_page(reply: Reply) -> bool:
    """Tell whether an answer is a page of records, be it an empty one."""
    held = isinstance(reply.message, dict) and "content" in reply.message
    return reply.status == 200 and held and isinstance(reply["content"], list | None)


def is_last(reply: Reply, number: int) -> bool:
    """Tell whether no page follows, even when the hub leaves out what it should say."""
    total = reply["totalPages"]
    if not isinstance(total, int):
        return reply["last"] is not False or not reply["content"]
    # A hub that contradicts itself is believed for one page more.
    return reply["last"] is True or number + 1 >= total + (reply["last"] is False)


class Puller:
    """Asks the hub, and keeps what it got."""

    def __init__(self, emp: Backend) -> None:
        self.emp = emp
        self.size = PAGE_SIZE
        self.last_call: datetime | None = None
        """Until when the changes are known: when the last pull of all pages began, or what it told of."""
        self.evse_data: dict[str, Message] = {}
        self.statuses: dict[str, str] = {}
        self.cdrs: dict[str, Message] = {}
        self.products: dict[str, Message] = {}
        self.prices: dict[str, list[Message]] = {}
        self._jobs: Mapping[str, Callable[[Message], Job]] = {
            DATA: lambda _: self.pull_evse_data,
            STATUS: lambda _: self.pull_status,
            STATUS_BY_ID: self._status_by_id,
            STATUS_BY_OPERATOR: self._status_by_operator,
            CDRS: self._cdrs,
            PRODUCTS: self._products,
            PRICING: self._prices,
        }

    def pull(self, operation: str, parameters: Message) -> None:
        """Have the hub asked, in the background: one question of a kind after the other."""
        self.emp.lanes.submit(operation, self._jobs[operation](parameters))

    def ask(self, operation: str, message: Message, query: Mapping[str, str] | None = None) -> Reply:
        """Ask the hub, and wait for what it says; more and more slowly while there are too many requests."""
        reply = self.emp.send(operation, message, timeout=PULL_TIMEOUT, query=query)
        for pause in self.pauses():
            if reply.status != TOO_MANY:
                break
            self.emp.lanes.pause(pause)
            reply = self.emp.send(operation, message, timeout=PULL_TIMEOUT, query=query)
        return reply

    def pauses(self) -> tuple[float, ...]:
        """Say how many seconds are waited before each further try."""
        return PAUSES

    # Page by page

    def page(self, operation: str, message: Message, number: int) -> Reply | None:
        """Ask for one page, once more if it does not come."""
        query = {"page": str(number), "size": str(self.size)}
        tries = (self.ask(operation, message, query) for _ in range(TRIES))
        return next((reply for reply in tries if is_page(reply)), None)

    def pages(self, operation: str, message: Message) -> Iterator[list[Message] | None]:
        """Read page after page to the last; None says that one did not come."""
        for number in range(MOST_PAGES):
            reply = self.page(operation, message, number)
            if reply is None:
                yield None
                return
            yield records(reply["content"])
            if is_last(reply, number):
                return

    def pull_evse_data(self) -> None:
        """Ask for all charging points, later only for what has changed."""
        began = now()
        message = {"ProviderID": self.emp.partner_id, "GeoCoordinatesResponseFormat": "Google"}
        if self.last_call is not None:
            message["LastCall"] = self.last_call.isoformat(timespec="milliseconds")
        pages = list(self.pages(DATA, message))
        complete = None not in pages
        got = [record for page in pages for record in page or ()]
        self.keep_evse_data(got, complete=complete)
        if complete:
            # The hub's clock may be ahead: what it has told of it need not tell again.
            times = [one["lastUpdate"] for one in got if not reading.date_time(one.get("lastUpdate"))]
            told = map(datetime.fromisoformat, times)
            self.last_call = max([self.last_call or began, began, *told])

    def keep_evse_data(self, got: list[Message], *, complete: bool) -> None:
        """Keep charging points: all that there are, or what has changed."""
        with self.emp.lock:
            if complete and self.last_call is None:
                self.evse_data.clear()
            for record in got:
                evse_id = record.get("EvseID")
                if not isinstance(evse_id, str):
                    continue
                if record.get("deltaType") == "delete":
                    self.evse_data.pop(evse_id, None)
                else:
                    self.evse_data[evse_id] = record

    def _cdrs(self, parameters: Message) -> Job:
        since, until = _moment(parameters, "From"), _moment(parameters, "To")
        if since >= until:
            raise StimulusRefusedError(400, "From is not before To")
        message = {"ProviderID": self.emp.partner_id, "From": parameters["From"], "To": parameters["To"]}
        return lambda: self.pull_cdrs(message)

    def pull_cdrs(self, message: Message) -> None:
        """Request the CDRs of a period."""
        for page in self.pages(CDRS, message):
            for record in page or ():
                if isinstance(record.get("SessionID"), str):
                    self.cdrs[record["SessionID"]] = record

    # Status

    def pull_status(self) -> None:
        """Ask how all charging points are."""
        self.keep_statuses(self.ask(STATUS, {"ProviderID": self.emp.partner_id}))

    def _status_by_id(self, parameters: Message) -> Job:
        evse_ids = _listed(parameters, "EvseID", reading.EVSE_ID)
        return lambda: self.pull_status_by_id(evse_ids)

    def pull_status_by_id(self, evse_ids: list[str]) -> None:
        """Ask how some charging points are, so many at once as may be."""
        for begin in range(0, len(evse_ids), MOST_EVSE_IDS):
            some = evse_ids[begin : begin + MOST_EVSE_IDS]
            self.keep_statuses(self.ask(STATUS_BY_ID, {"ProviderID": self.emp.partner_id, "EvseID": some}))

    def _status_by_operator(self, parameters: Message) -> Job:
        operator_ids = _listed(parameters, "OperatorID", reading.OPERATOR_ID)
        message = {"ProviderID": self.emp.partner_id, "OperatorID": operator_ids}
        return lambda: self.keep_statuses(self.ask(STATUS_BY_OPERATOR, message))

    def keep_statuses(self, reply: Reply) -> None:
        """Keep how charging points are, in whichever form it comes."""
        by_operator = records(inside(reply["EvseStatuses"], "OperatorEvseStatus"))
        for holder in (reply["EVSEStatusRecords"], *by_operator):
            for record in records(inside(holder, "EvseStatusRecord")):
                if isinstance(record.get("EvseID"), str):
                    self.statuses[record["EvseID"]] = str(record.get("EvseStatus"))

    # Prices

    def _products(self, parameters: Message) -> Job:
        message = {"OperatorIDs": _listed(parameters, "OperatorIDs", reading.OPERATOR_ID)}
        return lambda: self.keep_products(self.ask(PRODUCTS, message))

    def keep_products(self, reply: Reply) -> None:
        """Keep what charging costs."""
        for block in records(reply["PricingProductData"]):
            for record in records(block.get("PricingProductDataRecords")):
                self.products[f"{block.get('OperatorID')} {record.get('ProductID')}"] = record

    def _prices(self, parameters: Message) -> Job:
        operator_ids = _listed(parameters, "OperatorIDs", reading.OPERATOR_ID)
        message = {"ProviderID": self.emp.partner_id, "OperatorIDs": operator_ids}
        return lambda: self.keep_prices(self.ask(PRICING, message))

    def keep_prices(self, reply: Reply) -> None:
        """Keep which price is for which charging point; the documents name the list differently."""
        got: dict[str, list[Message]] = {}
        for block in records(reply["EVSEPricing"]) or records(reply["OperatorEVSEPricing"]):
            for record in records(block.get("EVSEPricing")):
                got.setdefault(str(record.get("EvseID")), []).append(record)
        self.prices |= got


def _moment(parameters: Message, name: str) -> datetime:
    problem = reading.date_time(parameters.get(name))
    if problem:
        raise StimulusRefusedError(400, f"{name} {problem}")
    return datetime.fromisoformat(parameters[name])


def _listed(parameters: Message, name: str, check: Check) -> list[str]:
    value = parameters.get(name)
    if not isinstance(value, list) or not value or any(check(item) for item in value):
        raise StimulusRefusedError(400, f"{name} is not a list of ids")
    return list(value)
