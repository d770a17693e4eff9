"""What the hub says that other operators have published is what its judge would let them publish."""

import pytest

from oicp_conformance.hub.inventory import catalogue
from oicp_conformance.judge.verdicts import outcomes
from oicp_conformance.oicp.provider import faker
from selftest.unit.journals import a_cpo

OF_HUB = ("OperatorID", "OperatorName")
"""Fields of a record that a push has once, for all records."""


@pytest.mark.parametrize("operator", ["DE*ABC", "FR*LYN", "BR*RIO", "US*ABC", "+49*810"])
def test_nothing_in_a_catalogue_would_be_found_wrong(operator: str) -> None:
    made = catalogue(faker(7), 300, [operator])
    journal = a_cpo(operator_id=operator, evse_ids=[made[0]["EvseID"]])
    records = [{name: value for name, value in one.items() if name not in OF_HUB} for one in made]
    of_all = {"OperatorID": operator, "OperatorName": made[0]["OperatorName"]}
    journal.push_evse_data(OperatorEvseData=of_all | {"EvseDataRecord": records})
    assert {one.requirement for one in outcomes(journal.record) if one.is_finding} == set()
