"""`extends`: a profile over another one."""

from pathlib import Path

import pytest

from selftest.unit.profiles import CPO, EMP, errors, read, write

HUB = """\
[hub]
listen = "127.0.0.1:8600"
"""


def test_tables_are_merged_and_values_and_lists_are_replaced(tmp_path: Path) -> None:
    my = """\
extends = "base.toml"
[target]
name = "Mine"
[partner]
evse_ids = ["DE*ABC*E9*1"]
"""
    profile = read(tmp_path, my=my, base=CPO + HUB)
    assert profile.target.name == "Mine"
    assert profile.target.base_url == "http://127.0.0.1:9000"
    assert profile.partner.evse_ids == ["DE*ABC*E9*1"]
    assert profile.hub.listen == "127.0.0.1:8600"
    assert profile.path == tmp_path / "my.toml"


def test_a_list_of_tables_is_replaced_as_a_whole(tmp_path: Path) -> None:
    my = 'extends = "base.toml"\n[[partner.accepts]]\n'
    my += 'RemoteIdentification = { EvcoID = "DE-DCB-C12345678-X" }\n'
    profile = read(tmp_path, my=my, base=EMP)
    assert profile.partner.accepts == [{"RemoteIdentification": {"EvcoID": "DE-DCB-C12345678-X"}}]
    assert profile.where("partner", "accepts", 0) == f"{tmp_path}/my.toml:2"


def test_a_chain_of_three_in_other_folders(tmp_path: Path) -> None:
    profile = read(
        tmp_path,
        my='extends = "sub/middle.toml"\n[target]\nname = "Mine"\n',
        sub__middle='extends = "../base.toml"\n[target]\nname = "Middle"\nversion = "2"\n',
        base=CPO,
    )
    assert (profile.target.name, profile.target.version, profile.target.role) == ("Mine", "2", "cpo")
    assert profile.where("target", "version") == f"{tmp_path}/sub/middle.toml:4"
    assert profile.where("target", "role") == f"{tmp_path}/sub/../base.toml:3"


def test_paths_start_from_the_file_in_which_they_stand(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ca.pem").touch()
    (tmp_path / "hub.pem").touch()
    (tmp_path / "sub" / "hub.key").touch()
    base = f'{CPO}[target.tls]\nca = "ca.pem"\n[hub.tls]\ncertificate = "x"\nkey = "hub.key"\n'
    base += '[stimuli]\ndriver = "command"\ncommand = "./stimulate.sh --fast"\n'
    my = 'extends = "sub/base.toml"\n[hub.tls]\ncertificate = "hub.pem"\n[stimuli]\nwait = 3.0\n'
    profile = read(tmp_path, my=my, sub__base=base)
    assert profile.target.tls is not None
    assert profile.hub.tls is not None
    assert profile.target.tls.ca == tmp_path / "sub" / "ca.pem"
    assert profile.hub.tls.certificate == tmp_path / "hub.pem"
    assert profile.hub.tls.key == tmp_path / "sub" / "hub.key"
    assert profile.stimuli.shim == f"{tmp_path}/sub/stimulate.sh --fast"
    assert profile.stimuli.folder == tmp_path / "sub"
    assert profile.stimuli.wait == 3.0


def test_another_driver_drops_the_keys_of_the_driver_below(tmp_path: Path) -> None:
    base = f'{CPO}[stimuli]\ndriver = "http"\nurl = "http://127.0.0.1:9001/"\nwait = 7.0\n'
    profile = read(tmp_path, my='extends = "base.toml"\n[stimuli]\ndriver = "none"\n', base=base)
    assert (profile.stimuli.driver, profile.stimuli.wait) == ("none", 7.0)
    assert read(tmp_path, my='extends = "base.toml"\n', base=base).stimuli.shim == "http://127.0.0.1:9001/"


def test_an_error_names_the_file_and_the_line_of_the_key(tmp_path: Path) -> None:
    lines = errors(
        tmp_path,
        my='extends = "base.toml"\n[target]\ntiemout = 3\n[partner]\noperator_id = "ABC"\n',
        base=CPO.replace("9000", "port"),
    )
    assert lines == [
        'base.toml:4: [target] base_url: found "http://127.0.0.1:port", expected a URL such as '
        '"http://127.0.0.1:9000", without a query',
        "my.toml:3: [target] tiemout: unknown key; did you mean timeout?",
        'my.toml:5: [partner] operator_id: found "ABC", expected an OperatorID such as "DE*ABC"',
    ]


def test_a_missing_key_is_missing_in_its_table(tmp_path: Path) -> None:
    base = CPO.replace('operator_id = "DE*ABC"\n', "").replace('name = "Acme CPO"\n', "")
    assert errors(tmp_path, my='extends = "base.toml"\n', base=base) == [
        "base.toml:1: [target] name: missing, expected a string",
        'base.toml:5: [partner] operator_id: missing, expected an OperatorID such as "DE*ABC" '
        "(role cpo needs it)",
    ]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        (
            {"my": '# 1\nextends = "my.toml"\n'},
            "my.toml:2: extends: a profile must not extend itself: my.toml -> my.toml",
        ),
        (
            {"my": 'extends = "b.toml"\n', "b": 'extends = "./c.toml"\n', "c": 'extends = "my.toml"\n'},
            "c.toml:1: extends: a profile must not extend itself: my.toml -> b.toml -> c.toml -> my.toml",
        ),
        (
            {"my": 'extends = "b.toml"\n', "b": 'extends = "b.toml"\n'},
            "b.toml:1: extends: a profile must not extend itself: my.toml -> b.toml -> b.toml",
        ),
        (
            {"my": 'extends = "none.toml"\n' + CPO},
            "my.toml:1: extends: none.toml: no such file; expected a profile in TOML",
        ),
        (
            {"my": 'extends = "b.toml"\n', "b": "[target\n"},
            "my.toml:1: extends: b.toml: line 1: not valid TOML",
        ),
        ({"my": "extends = 5\n" + CPO}, "my.toml:1: extends: found 5, expected a string"),
        ({"my": 'extends = ""\n' + CPO}, 'my.toml:1: extends: found "", expected a string that is not empty'),
        ({"my": 'extend = "b.toml"\n' + CPO}, "my.toml:1: extend: unknown key; did you mean extends?"),
    ],
)
def test_a_base_that_cannot_be_used(tmp_path: Path, files: dict[str, str], line: str) -> None:
    (found,) = errors(tmp_path, (), {}, **files)
    assert found.startswith(line)


def test_a_profile_that_extends_itself_through_a_link(tmp_path: Path) -> None:
    my = write(tmp_path, my='extends = "link.toml"\n')
    (tmp_path / "link.toml").symlink_to(my)
    assert errors(tmp_path, my='extends = "link.toml"\n') == [
        "my.toml:1: extends: a profile must not extend itself: my.toml -> link.toml"
    ]


def test_a_variable_may_name_the_base(tmp_path: Path) -> None:
    profile = read(tmp_path, my='extends = "${STAGE}.toml"\n', test=CPO, environ={"STAGE": "test"})
    assert profile.target.name == "Acme CPO"
    assert errors(tmp_path, my='extends = "${STAGE}.toml"\n') == [
        "my.toml:1: extends: the environment variable STAGE is not set"
    ]
