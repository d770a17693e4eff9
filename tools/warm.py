"""What a run of the suite and a reference target load, loaded once: all programs are forked from here.

Imported for what it does, by the process of `tools.forked`.
"""

import gc
import importlib
import pkgutil
from importlib.metadata import entry_points

import httpx
from _pytest.config import default_plugins
from faker import Faker

import conformance.cpo
import conformance.emp
from fixtures import faults
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
