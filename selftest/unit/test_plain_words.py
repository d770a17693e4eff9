"""Whatever a user reads is in plain words and short sentences."""

import pytest

from selftest.unit.plain_words import ALLOWED, Text, code, markdown, page, texts


def test_all_that_users_read_is_plain() -> None:
    problems = [problem for text in texts() for problem in text.problems()]
    assert not problems, "\n".join(problems)


def test_each_exception_is_needed() -> None:
    found = {sentence for text in texts() for sentence in text.sentences()}
    assert ALLOWED.keys() <= found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Nulls and values of tomorrow are survived", "survived"),
        ("seconds until an answer is given up", "answer"),
        ("this is no path of OICP 2.3", "is no path"),
        ("there is a status, and it came unasked", "came"),
        ("accepted: expected a refusal", "refusal"),
        ("HTTP 200, Result False", "Result False"),
        ("see [hub] allow, if the target refuses", "refuses"),
        (" ".join(["word"] * 26), "26 words"),
    ],
)
def test_what_is_not_plain_is_found(text: str, word: str) -> None:
    assert any(word in problem for problem in Text("here", text).problems())


@pytest.mark.parametrize(
    "text",
    [
        "rejected, but so was the control request without this field (exchange 5)",
        "an Identification of [[partner.refuses]], or `refuse` in `/scripts`",
        "there is no response in /answer/refused",
        "is no longer a finding",
        "refuse",
        "the first sentence has a dozen words, and ends before the next one. " * 3,
    ],
)
def test_what_is_plain_is_not_found(text: str) -> None:
    assert not list(Text("here", text).problems())


def test_code_in_documents_is_not_read() -> None:
    lines = (
        "Some text\nof two lines.\n\n```sh\n# answers\n```\n\n    refused\n\n| a cell | `answer` |\n- an item"
    )
    assert [text.strip() for _, text in markdown(lines)] == [
        "Some text\nof two lines.",
        "a cell",
        "`answer`",
        "an item",
    ]


def test_texts_of_code_are_read_whole() -> None:
    source = 'def f(x):\n    """Docstring of f."""\n    return "name", f"it has {x} words, " "and more"\n'
    assert [text for _, text in code(source)] == ["it has § words, and more"]
    command = f"@click.command()\n{source}"
    assert [text for _, text in code(command)] == ["Docstring of f.", "it has § words, and more"]


def test_templates_are_read_without_their_tags() -> None:
    text = "{# answers #}<p>{% if x %}Hello {{ name }}{% endif %}</p><script>refused()</script>"
    assert [one for _, one in page(text) if one.strip()] == ["Hello §"]
