"""What a run of the suite and a reference target load, loaded once: all programs are forked from here.

Imported for what it does, by the process of `tools.forked`.
"""

import gc
import importlib
import pkgutil
import warnings
from importlib.metadata import entry_points
from itertools import product
from typing import get_args

import httpx
from _pytest.config import default_plugins
from faker import Faker
from hypothesis.errors import HypothesisSideeffectWarning

import conformance.cpo
import conformance.emp
from fixtures import faults
from oicp_conformance.generated import drafts, properties, requests
from oicp_conformance.oicp.operations import BY_NAME
from oicp_conformance.oicp.types import Role
from oicp_conformance.reporting import page

MODULES = (
    "oicp_conformance.plugin.session",
    "fixtures.cpo",
    "fixtures.emp",
    "oicp_conformance.embedded",
    "tools.matrix_page",
)
for _name in MODULES:
    importlib.import_module(_name)
# Strategies of generated requests are made when the first one is drawn: here, and not in each run.
for _role in get_args(Role):
    for _operation, _valid in product(requests.OF_CPO if _role == "cpo" else requests.OF_EMP, (True, False)):
        _strategy = drafts.drafts(BY_NAME[_operation], _role, valid=_valid)
        for _test in properties.tests(["any"], {"any": _strategy}.__getitem__, name="warm", examples=2):
            _test(bool)
# Hypothesis expects nobody to draw before its plugin for pytest is loaded.
warnings.simplefilter("ignore", HypothesisSideeffectWarning)
for _group in ("pytest11", "oicp_conformance.stimuli"):
    for _entry in entry_points(group=_group):
        _entry.load()
for _name in default_plugins:
    importlib.import_module(f"_pytest.{_name}")
faults.every()
for _package in (conformance.cpo, conformance.emp):
    for _module in pkgutil.iter_modules(_package.__path__):
        importlib.import_module(f"{_package.__name__}.{_module.name}")
# Both load much of what they need when they are made.
httpx.Client().close()
Faker()
page.HTML.get_template("conformance.html")
page.MARKDOWN.get_template("conformance.md")
# Collecting garbage need not look at any of this again.
gc.freeze()
