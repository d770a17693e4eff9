"""Drivers of stimuli that an installed package brings."""

import io
import re
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoints, entry_points
from pathlib import Path

import pytest

from oicp_conformance.profile import ProfileError, as_saved, drivers, json_schema, load, restore
from oicp_conformance.stimuli import Stimulated, StimulusError, driver_for
from oicp_conformance.stimuli.http import HttpDriver, HttpStimuli
from selftest.unit.profiles import CPO, errors, read, write

README = (Path(__file__).parents[2] / "oicp_conformance" / "stimuli" / "README.md").read_text(
    encoding="utf-8"
)
(EXAMPLE,) = re.findall(r"^```python\n(from oicp_conformance.*?)^```", README, re.DOTALL | re.MULTILINE)
(ENTRY,) = re.findall(r'^(simulator = "acme_simulator:Simulator")$', README, re.MULTILINE)

MY = f'{CPO}[stimuli]\ndriver = "simulator"\ncontrol = "http://127.0.0.1:7"\n'


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with installed packages."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop("acme_simulator", None)


def install(site: Path, code: str, name: str = "acme-simulator") -> None:
    """A package with one module, as pip leaves it."""
    (site / "acme_simulator.py").write_text(code, encoding="utf-8")
    folder = site / f"{name.replace('-', '_')}-1.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    (folder / "entry_points.txt").write_text(f"[oicp_conformance.stimuli]\n{ENTRY}\n".replace('"', ""))


def test_the_one_of_the_readme_works(tmp_path: Path, site: Path) -> None:
    install(site, EXAMPLE)
    profile = read(tmp_path, my=f"{MY}speed = 5\nwait = 4.0\n")
    driver = driver_for(profile.stimuli, interactive=False, out=io.StringIO())
    assert driver.wait == 4.0
    assert driver.stimulate("plug-in", {"EvseID": "DE*ABC*E1*1"}) == Stimulated(
        driver.stimulate("plug-in", {"EvseID": "x"}).outcome, "plugged in at DE*ABC*E1*1"
    )
    assert driver.stimulate("unplug", {}).outcome == "unavailable"
    assert not driver.speaks
    saved = as_saved(profile)
    assert saved["stimuli"] == {
        "driver": "simulator",
        "wait": 4.0,
        "settle": 0.3,
        "control": "http://127.0.0.1:7",
        "speed": 5,
    }
    assert restore(saved, tmp_path / "run.json").stimuli == profile.stimuli


def test_packages_are_read_once(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, EXAMPLE)
    read_for: list[str] = []

    def reading(*, group: str) -> EntryPoints:
        read_for.append(group)
        return entry_points(group=group)

    monkeypatch.setattr(drivers, "entry_points", reading)
    assert [drivers.find("simulator"), drivers.find("http")] == [drivers.find("simulator"), HttpDriver]
    assert "simulator" in drivers.names()
    assert len(read_for) == 1
    monkeypatch.syspath_prepend(str(site / "more"))
    assert "simulator" in drivers.names()
    assert len(read_for) == 2


def test_its_keys_are_checked_by_its_own_model(tmp_path: Path, site: Path) -> None:
    install(site, EXAMPLE)
    my = f'{CPO}[stimuli]\ndriver = "simulator"\nspeed = "fast"\nspead = 1\nwait = 0\nurl = "http://h"\n'
    assert sorted(errors(tmp_path, my=my)) == [
        'my.toml:11: [stimuli] speed: found "fast", expected an integer',
        "my.toml:12: [stimuli] spead: unknown key; did you mean speed?",
        "my.toml:13: [stimuli] wait: found 0, expected a number greater than 0",
        'my.toml:14: [stimuli] url: found "http://h", but it is only for driver http or ocpp '
        "(this is simulator)",
        'my.toml:9: [stimuli] control: missing, expected a URL such as "http://127.0.0.1:9001/stimuli" '
        "(driver simulator needs it)",
    ]


def test_the_schema_can_have_its_keys(site: Path) -> None:
    install(site, EXAMPLE)
    keys = json_schema(["http", "simulator"])["$defs"]["Stimuli"]["properties"]
    assert keys["speed"]["description"] == "How much faster than real time it charges."
    assert "speed" not in json_schema()["$defs"]["Stimuli"]["properties"]


def test_one_that_is_not_installed(tmp_path: Path) -> None:
    assert errors(tmp_path, my=MY) == [
        'my.toml:10: [stimuli] driver: found "simulator", expected "command", "http", "manual", '
        '"none" or "ocpp"'
    ]
    stimuli = HttpStimuli(url="http://h").model_copy(update={"driver": "simulator"})
    with pytest.raises(StimulusError, match=r'^\[stimuli\] driver: found "simulator", expected "command", '):
        driver_for(stimuli, interactive=False, out=io.StringIO())


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (
            "import nonsense_that_is_not_there",
            "a driver that can be imported, but acme-simulator fails: ModuleNotFoundError: No module named "
            "'nonsense_that_is_not_there'",
        ),
        (
            "1 / 0",
            "a driver that can be imported, but acme-simulator fails: ZeroDivisionError: division by zero",
        ),
        (
            "class Simulator: pass",
            'a driver with a subclass of Stimuli as its "settings", which simulator lacks',
        ),
        (
            "class Simulator:\n    settings = 5",
            'a driver with a subclass of Stimuli as its "settings", which simulator lacks',
        ),
    ],
)
def test_one_that_is_broken(tmp_path: Path, site: Path, code: str, reason: str) -> None:
    install(site, code)
    line = f'my.toml:10: [stimuli] driver: found "simulator", expected {reason}'
    assert errors(tmp_path, my=MY) == [line]
    assert read(tmp_path, my=CPO).stimuli.driver == "none", "who does not use it is not troubled"


def test_two_packages_with_one_name(tmp_path: Path, site: Path) -> None:
    install(site, EXAMPLE)
    install(site, EXAMPLE, name="other-simulator")
    assert errors(tmp_path, my=MY) == [
        'my.toml:10: [stimuli] driver: found "simulator", expected a driver of one package, but several '
        "register it: acme-simulator, other-simulator"
    ]


def test_where_the_drivers_of_the_suite_are_not_registered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("oicp_conformance.profile.drivers.GROUP", "nothing")
    with pytest.raises(
        ProfileError, match="expected a driver, but none is registered; install oicp-conformance"
    ):
        load(write(tmp_path, my=MY))
    assert load(write(tmp_path, my=CPO)).stimuli.driver == "none"
