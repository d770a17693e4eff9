"""What a run of the suite and a reference target load, loaded once: all programs are forked from here.

Imported for what it does, by the process of `tools.forked`.
"""

import importlib
import pkgutil
import warnings
from importlib.metadata import entry_points
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import get_args

import httpx
from _pytest.config import default_plugins
from faker import Faker
from hypothesis.errors import HypothesisSideeffectWarning

import conformance.cpo
import conformance.emp
from fixtures import faults
from fixtures.faults import generated
from oicp_conformance import collector
from oicp_conformance.embedded import profile
from oicp_conformance.generated import drafts, properties, requests
from oicp_conformance.judge.alike import alike
from oicp_conformance.judge.frame import Frame, conclude, state
from oicp_conformance.judge.long_lists import look
from oicp_conformance.judge.message_tables import messages_sent
from oicp_conformance.judge.outcome import Record
from oicp_conformance.judge.statement import JournalPart
from oicp_conformance.oicp.fields import fields_of
from oicp_conformance.oicp.operations import BY_NAME, Party
from oicp_conformance.oicp.types import Role
from oicp_conformance.profile import drivers, load
from oicp_conformance.redaction import Redactor
from oicp_conformance.reporting import page

MODULES = (
    "oicp_conformance.plugin.session",
    "fixtures.cpo",
    "fixtures.emp",
    "oicp_conformance.embedded",
    "tools.matrix_page",
)


def _state_nothing(role: Role) -> None:
    """Make the statement of a run in which nothing was said: much of a statement is the same in all runs."""
    nowhere = "http://127.0.0.1:9"
    with TemporaryDirectory() as folder:
        file = Path(folder, "profile.toml")
        target = {"base_url": nowhere, "stimuli_url": nowhere}
        file.write_text(profile(role, 1, target), encoding="utf-8")
        record = Record(load(file, operations=BY_NAME), (), ())
    frame = Frame(seed=generated.SEED, strict=False, started=0, finished=0)
    journal = JournalPart(exchanges=0, sha256="0" * 64)
    state(conclude(record, frame), frame, journal=journal, advise=lambda _: "")


for _name in MODULES:
    importlib.import_module(_name)
# What is generated for a seed is the same in all runs, and takes a quarter of the time of one: drawn here.
for _role in get_args(Role):
    for _operation, _valid in product(requests.OF_CPO if _role == "cpo" else requests.OF_EMP, (True, False)):
        _drafts = drafts.drafts(BY_NAME[_operation], _role, valid=_valid)
        _name = f"{generated.SEED} {generated.VALID if _valid else generated.INVALID}[{_operation}]"
        for _test in properties.tests([drafts.ORDINARY], _drafts, name=_name, examples=generated.FEW):
            _test(bool)
# Hypothesis expects nobody to draw before its plugin for pytest is loaded.
warnings.simplefilter("ignore", HypothesisSideeffectWarning)
importlib.import_module("tools.statement_run")
for _entry in entry_points(group="pytest11"):
    _entry.load()
for _name in drivers.names():
    drivers.find(_name)
for _name in default_plugins:
    importlib.import_module(f"_pytest.{_name}")
faults.every()
for _package in (conformance.cpo, conformance.emp):
    for _module in pkgutil.iter_modules(_package.__path__):
        importlib.import_module(f"{_package.__name__}.{_module.name}")
# Both load much of what they need when they are made.
httpx.Client().close()
Faker()
Redactor({})
page.load()
for _role in get_args(Role):
    _state_nothing(_role)
# As are the tables of all messages, and their patterns.
for _party, _known in product(get_args(Party), BY_NAME.values()):
    for _model in messages_sent(_known, _party).values() if _party in _known.parts else ():
        alike(_model, frozenset(fields_of(_model)), with_nulls=False)
        list(look(_model, {}, "cpo" if _party == "cpo" else "emp"))
# The reference targets, too, need not search for garbage often, and never in any of this.
collector.run_seldom()
collector.keep()
