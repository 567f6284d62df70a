"""The little browser reads forms as a browser sends them."""

from local.browser import Form, _page, read
from tests.local.pages import answer

PAGE = """
<title>Not text</title><style>p { color: red }</style>
<p>Hello,   <b>you</b></p>
<form method="post" action="/go">
  <input type="hidden" name="csrf" value="1"><input name="note" value="x">
  <input type="checkbox" name="scope" value="a">
  <input type="checkbox" name="scope" value="b" checked>
  <button name="action" value="cancel">Cancel</button>
  <button name="action" value="continue">Go  on</button>
</form>
<form action=""><input type="submit" value="Search"></form>
"""


def test_forms_have_fields_boxes_and_buttons() -> None:
    page = _page(answer("http://localhost/start?x=1", PAGE))
    form, other = page.forms
    assert form.fields == [("csrf", "1"), ("note", "x"), ("scope", "b")]
    assert form.boxes == [("scope", "a")]
    pressed = form.button("Go on")
    assert pressed is not None
    assert (pressed.name, pressed.value) == ("action", "continue")
    assert form.button("Stop") is None
    assert (other.method, page.form("/start")) == ("get", other)
    assert page.form("/go") == form


def test_text_is_what_a_person_reads() -> None:
    page = _page(answer("http://localhost/start", PAGE))
    assert page.text == "Hello, you Cancel Go on"


def test_form_without_buttons_has_none() -> None:
    assert Form("/x", "post").button("anything") is None


def test_of_a_list_the_chosen_or_else_the_first_is_sent() -> None:
    choices = '<option value="1">one</option><option value="2"{}>two</option>'
    lists = f'<select name="a">{choices.format(" selected")}</select>'
    lists += f'<select name="b">{choices.format("")}</select><select name="c"></select>'
    (form,), _ = read(f"<form>{lists}</form>")
    assert form.fields == [("a", "2"), ("b", "1")]
