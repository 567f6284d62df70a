import pytest

from scheduling.core import texts

FAMILY = "👨\u200d👩\u200d👧"


@pytest.mark.parametrize(
    "end", ["\n", "\r\n", "\r", "\v", "\f", "\x1e", "\x85", "\u2028", "\u2029"]
)
def test_every_end_of_a_line_becomes_a_newline(end: str) -> None:
    assert texts.clean(f"one{end}two") == "one\ntwo"


@pytest.mark.parametrize(
    "unwanted", ["\x00", "\x07", "\x1b", "\x7f", "\x9f", "\udfff", "\u202e", "\u2067", "\ufeff"]
)
def test_what_hides_or_turns_is_dropped(unwanted: str) -> None:
    assert texts.clean(f"one{unwanted}two") == "onetwo"


@pytest.mark.parametrize(
    "text",
    [
        "שיחת היכרות",
        "مكالمة تعريفية",
        "नमस्ते",
        "می\u200cخواهم",
        "עברית\u200f!",
        FAMILY,
        "é",
        "e\u0301",
    ],
)
def test_letters_of_every_script_stay_as_they_are(text: str) -> None:
    assert texts.line(text) == text


def test_line_is_one_line_without_space_around() -> None:
    assert texts.line(" Intro\tcall \r\n\r\n of  us ") == "Intro call of us"


def test_cut_leaves_alone_what_fits() -> None:
    assert texts.cut("Intro call", 10, len) == "Intro call"


def test_cut_counts_the_ellipsis() -> None:
    assert texts.cut("Intro call", 9, len) == "Intro ca…"


def test_cut_leaves_no_space_before_the_ellipsis() -> None:
    assert texts.cut("Intro calls", 7, len) == "Intro…"


@pytest.mark.parametrize("room", [0, -5])
def test_cut_without_room_leaves_nothing(room: int) -> None:
    assert texts.cut("Intro call", room, len) == ""


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        (f"ab{FAMILY}cd", 6, "ab…"),
        (f"ab{FAMILY}cd", 8, f"ab{FAMILY}…"),
        ("abe\u0301\u0323fg", 5, "ab…"),
        ("ab👍🏽cd", 4, "ab…"),
        ("ab❤\ufe0fcd", 4, "ab…"),
        ("ab🇩🇪🇫🇷cd", 6, "ab🇩🇪…"),
        ("ab🏴\U000e0067\U000e0062\U000e007fcd", 6, "ab…"),
        ("abकिcd", 4, "ab…"),
    ],
)
def test_cut_keeps_whole_what_is_seen_as_one(text: str, room: int, kept: str) -> None:
    assert texts.cut(text, room, len) == kept


def test_text_that_is_one_character_is_cut_inside_it() -> None:
    assert texts.cut(FAMILY + "\u200d👦", 4, len) == "👨\u200d👩…"


def test_percent_size_counts_encoded_bytes() -> None:
    assert [texts.percent_size(each) for each in ("a", " ", "é", "中", "🙂")] == [1, 3, 6, 9, 12]


def test_json_size_counts_escapes() -> None:
    assert [texts.json_size(each) for each in ("a", "\n", '"', "é", "🙂")] == [1, 2, 2, 6, 12]
