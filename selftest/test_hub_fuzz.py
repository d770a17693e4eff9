"""Whatever a partner sends, the hub answers and lives, and the judge judges what was taken down."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from oicp_conformance.actors.stage import Stage
from oicp_conformance.embedded import free_port, profile
from oicp_conformance.journal.exchange import Exchange, Part
from oicp_conformance.journal.notes import Note, Quiet, Reduced, Upload, Wait, Walk
from oicp_conformance.judge.catalogue import catalogue
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import statement
from oicp_conformance.judge.verdicts import judge
from oicp_conformance.oicp.operations import BY_NAME, Direction, Party
from oicp_conformance.oicp.provider import faker
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import Profile, load
from oicp_conformance.stimuli.none import NoDriver
from selftest import strange
from selftest.shared_runs import shared_folder
from selftest.strange import ODD, SESSIONS, message_of, nearly, written

IDS = {"operatorID": "DE*ABC", "providerID": "DE-DCB"}
PATHS = {name: operation.path_for(IDS) for name, operation in BY_NAME.items()}
PARTIES: dict[Role, Party] = {"cpo": "cpo", "emp": "emp-online"}
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Messages that one worker makes for all."""
    strange.KEPT[:] = [shared_folder(tmp_path_factory) / "messages"]


def many(examples: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    limits = settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    return lambda test: seed(20)(limits(test))


def profile_of(role: Role, folder: Path, port: int) -> Profile:
    file = folder / f"{role}.toml"
    file.write_text(profile(role, port, {"base_url": NOWHERE, "stimuli_url": NOWHERE}), encoding="utf-8")
    return load(file)


@contextlib.contextmanager
def listening(role: Role, folder: Path) -> Iterator[Stage]:
    """A hub for a target that is not there, until the block ends."""
    hub = Stage(profile_of(role, folder, free_port()), NoDriver(wait=1.0), faker(1))
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


@pytest.fixture(scope="module", params=get_args(Role))
def hub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with listening(request.param, tmp_path_factory.mktemp("hub")) as hub:
        yield hub


def is_well(hub: Stage) -> None:
    """It answers an ordinary request, had no trouble of its own, and all of it can be kept and judged."""
    answer = httpx.post(
        hub.url + PATHS["eRoamingPullEvseStatus"], json={"ProviderID": "DE-DCB"}, trust_env=False
    )
    assert answer.status_code == 200
    assert hub.failures == []
    exchanges = tuple(hub.journal.closed())
    for one in exchanges:
        again = Exchange.from_json(json.loads(json.dumps(one.as_json())))
        assert (again.request, again.answer) == (one.request, one.answer)
    judged(Record(hub.profile, exchanges, ()))


def judged(record: Record) -> None:
    statement(judge(record), started=0.0, finished=1.0, seed=1).model_dump_json()


# --- bytes


def say(hub: Stage, data: bytes) -> bytes:
    """Send bytes, say that this was all, and hear the answer out."""
    heard = b""
    port = int(hub.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65536):
                heard += piece
        except ConnectionError:
            pass  # it may hang up on what is no HTTP
    return heard


def test_any_bytes_are_survived(hub: Stage) -> None:
    @many(100)
    @given(data=st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
    def holds(data: bytes) -> None:
        say(hub, data)
        say(hub, data + b"\r\n\r\n")
        assert hub.failures == []

    holds()
    is_well(hub)


def test_a_request_in_absolute_form_is_for_its_path(hub: Stage) -> None:
    """As a client sends it that takes the hub for a proxy: a server must take both (RFC 9112 3.2.2)."""
    body = json.dumps({"ProviderID": "DE-DCB"})
    head = f"Host: hub\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    heard = say(hub, f"POST {hub.url}{PATHS['eRoamingPullEvseStatus']} HTTP/1.1\r\n{head}\r\n{body}".encode())
    assert heard.startswith(b"HTTP/1.1 200 ")
    assert list(hub.journal.closed())[-1].operation == "eRoamingPullEvseStatus"


TOKENS = st.sampled_from(["POST", "GET", "HEAD", "OPTIONS", "CONNECT", "post", "PRI", "", "Ä"]) | st.text(
    max_size=4
)
TARGETS = st.sampled_from(
    [*PATHS.values(), "/", "*", "//", "http://elsewhere/x", "/%00", "/%zz", "/\x7f", "/api/oicp/../.."]
) | st.text(max_size=20)
QUERIES = st.sampled_from(
    ["", "?", "?page=0&size=20", "?page=-1&size=0", "?page=x", "?page=" + "9" * 400, "?%ff=%"]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            "Content-Length: -1",
            "Content-Length: 999999999999999999999",
            "Content-Length: x",
            "Content-Length: 5",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding: gzip",
            "Content-Encoding: gzip",
            "Content-Type: application/json; charset=utf-16",
            "Content-Type: ;;;=",
            "Content-Type: multipart/form-data",
            "Expect: 100-continue",
            "Expect: nothing",
            "Connection: upgrade",
            "Host: [::",
            "Host: a\tb",
            "Authorization: Basic ÿ",
            "no colon",
            ": empty",
            " folded",
            "X" * 300 + ": y",
        ]
    )
    | st.text(max_size=12),
    max_size=5,
)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """Something that looks like HTTP."""
    version = draw(
        st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/0.9", "HTTP/2", "HTTP/9.9.9", "", "HTTP/x"])
    )
    line = f"{draw(TOKENS)} {draw(TARGETS)}{draw(QUERIES)} {version}".rstrip()
    body = draw(st.binary(max_size=30) | ODD.map(written) | st.just(b'5\r\n{"a":\r\n0\r\n\r\n'))
    ending = draw(st.sampled_from(["\r\n", "\r\n", "\n"]))
    headers = draw(HEADERS)
    if draw(st.booleans()):
        headers.append(f"Content-Length: {len(body)}")
    return ending.join([line, "Host: x", *headers, "", ""]).encode("utf-8", "replace") + body


def test_odd_http_is_survived_and_answered(hub: Stage) -> None:
    @many(200)
    @given(data=requests())
    def holds(data: bytes) -> None:
        heard = say(hub, data)
        assert heard[:5] in {b"HTTP/", b""} or b"HTTP/" not in data.partition(b"\n")[0] or heard[:1] in b"<{"
        assert b" 500 " not in heard.partition(b"\r\n")[0]
        assert hub.failures == []

    holds()
    is_well(hub)


@pytest.mark.parametrize("name", PATHS)
def test_nearly_valid_messages_are_answered_and_taken_down(hub: Stage, name: str) -> None:
    with httpx.Client(trust_env=False) as client:

        @many(15)
        @given(body=nearly(message_of(name)), query=QUERIES)
        def holds(body: Any, query: str) -> None:
            sent = written(body)
            answer = client.post(hub.url + PATHS[name] + query, content=sent)
            # What is no message at all has no message for an answer.
            assert answer.status_code == (200 if isinstance(parsed(sent), dict) else 400)
            assert isinstance(answer.json(), dict)
            taken_down = hub.journal.exchanges[-1]
            assert (taken_down.operation, taken_down.request.body) == (name, sent)

        holds()
    is_well(hub)


def parsed(body: bytes) -> Any:
    return Part((), body).json


# --- the judge

ANSWERS = (
    {"Result": True, "StatusCode": {"Code": "000"}, "SessionID": SESSIONS[0]},
    {"Result": False, "StatusCode": {"Code": "400"}},
    {
        "AuthorizationStatus": "Authorized",
        "SessionID": SESSIONS[0],
        "ProviderID": "DE-DCB",
        "StatusCode": {"Code": "000"},
    },
    {"AuthorizationStatus": "NotAuthorized", "StatusCode": {"Code": "102"}},
    {"content": [], "number": 0, "last": True, "StatusCode": {"Code": "000"}},
)
CARD = {"RFIDMifareFamilyIdentification": {"UID": "1234ABCD"}}
CODE = {"QRCodeIdentification": {"EvcoID": "DE-DCB-C12345678-X", "PIN": "1234"}}
NOTES: tuple[Note, ...] = (
    Wait(
        "a",
        "eRoamingChargeDetailRecord.sent",
        "eRoamingChargeDetailRecord",
        5.0,
        None,
        session=SESSIONS[0],
        after=1,
        unasked=5.0,
    ),
    Wait("a", "request.sent", "eRoamingAuthorizeStart", 5.0, 1, presented=CARD, presented_at="DE*ABC*E1*1"),
    Wait("a", "request.sent", "eRoamingAuthorizeStart", 5.0, 2, presented=CODE, stimulus="done"),
    Wait(
        "a", "eRoamingPushEvseStatus.occupied", "eRoamingPushEvseStatus", 5.0, 2, evse="DE*ABC*E1*1", after=1
    ),
    Quiet("a", 1.7e9, 3.0),
    Upload("a", CODE, authorized=True, exchange=1),
    Reduced("a", (1,), (2, 3)),
    Walk("a", "card", "by itself"),
)


Bodies = Callable[[str], st.SearchStrategy[Any]]
"""Messages of an operation."""
ODD_PATHS = st.sampled_from(
    ["/", "x", "", "[", "EHLO [127.0.0.1]", "\x16\x03\x01\x02", "http://[::1/x", "//[", "/\x00\x85\u2028#?"]
)


@st.composite
def exchanges(draw: st.DrawFn, number: int, role: Role, bodies: Bodies = message_of) -> Exchange:
    """An exchange that could stand in a journal."""
    name = draw(st.sampled_from(list(PATHS)))
    direction: Direction = draw(st.sampled_from(get_args(Direction)))
    known = draw(st.integers(0, 4)) > 0
    purposes = [one for one in catalogue(PARTIES[role]) if one.startswith("request.")]
    finished = 1.7e9 + number + draw(st.sampled_from([0.1, 12.0]))
    return Exchange(
        number=number,
        direction=direction,
        operation=name if known else None,
        method=draw(st.sampled_from(["POST", "POST", "POST", "GET", "", "p\x00st", "\x85["])),
        path=PATHS[name] + draw(QUERIES) if known else draw(ODD_PATHS) + draw(QUERIES),
        request=Part((("Content-Type", "application/json"),), written(draw(nearly(bodies(name))))),
        started=1.7e9 + number,
        finished=finished,
        status=draw(st.sampled_from([200, 200, 200, 201, 400, 404, 500, None])),
        answer=Part((), written(draw(nearly(st.sampled_from(ANSWERS).map(json.dumps).map(json.loads))))),
        trouble=draw(st.sampled_from([None, None, "timeout", "tls", "not HTTP", "hung up"])),
        test=draw(st.sampled_from(["a", "b"])),
        purpose=draw(st.sampled_from([None, *purposes])) if known and direction == "hub-to-target" else None,
        expects=draw(st.sampled_from(["accept", "refuse", "any"])),
        control=draw(st.sampled_from([None, None, 1])),
        scripted=draw(st.sampled_from([None, "late", "nulls"])),
    )


@st.composite
def records(draw: st.DrawFn, of: Profile, bodies: Bodies = message_of) -> Record:
    """A journal of some exchanges, of one SessionID where they have one."""
    role = of.target.role
    said = tuple(draw(exchanges(number, role, bodies)) for number in range(1, draw(st.integers(2, 7))))
    return Record(of, said, tuple(draw(st.lists(st.sampled_from(NOTES), max_size=3))))


@pytest.mark.long(20)
@pytest.mark.parametrize("role", get_args(Role))
def test_any_journal_is_judged(role: Role, tmp_path: Path) -> None:
    of = profile_of(role, tmp_path, 8600)

    @many(150)
    @given(record=records(of))
    def holds(record: Record) -> None:
        judged(record)

    holds()


def test_products_that_cannot_be_compared_are_judged(tmp_path: Path) -> None:
    of = profile_of("cpo", tmp_path, 8600)
    products = {"ActionType": "fullLoad", "PricingProductData": {"PricingProductDataRecords": []}}
    odd: dict[str, Any] = {"EvseID": "DE*ABC*E1*1", "EvseIDProductList": [["AC1"], {"ProductID": {}}, None]}
    pricing = {"ActionType": "fullLoad", "EVSEPricing": [odd]}
    pushes = {"eRoamingPushPricingProductData": products, "eRoamingPushEVSEPricing": pricing}
    said = tuple(
        Exchange(
            number,
            "target-to-hub",
            name,
            "POST",
            PATHS[name],
            Part((), written(body)),
            1.7e9,
            1.7e9,
            200,
            Part((), written({"Result": True, "StatusCode": {"Code": "000"}})),
        )
        for number, (name, body) in enumerate(pushes.items(), 1)
    )
    made = judge(Record(of, said, ()))
    listed = "eRoamingPushEVSEPricing.EVSEPricing.EvseIDProductList"
    assert listed in {one.requirement for one in made.findings}
