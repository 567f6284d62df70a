"""One promise of `ports.Chat`, kept by the fake and by CometChat's adapter over its emulator."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local.cometchat.server import create_app
from scheduling.adapters.cometchat.chat import CometChat
from scheduling.core.config import ChatConfig
from scheduling.core.errors import ChatUnavailable
from scheduling.models import AppId, Message, Person, Receiver, Secret, Tenant, Uid
from scheduling.ports import Chat, MessageRefused, UserUnknown
from tests.emulators.chat_server import ChatServer
from tests.emulators.serving import served
from tests.fakes import FakeChat, FakeClock

pytestmark = pytest.mark.contract

TENANT = Tenant(AppId("local"), "us", "Local App", Secret("local-api-key"))


@dataclass
class Side:
    """One implementer, and how it is broken from outside."""

    chat: Chat
    clock: FakeClock
    token: str
    fake: FakeChat | None = None
    server: ChatServer | None = None

    def down(self) -> None:
        """Nothing answers."""
        if self.fake:
            self.fake.unreachable = True
        if self.server:
            self.server.fault("*", "drop_before", times=0)

    def block(self, one: str, other: str) -> None:
        """One user blocks another."""
        if self.fake:
            self.fake.blocks.add((one, other))
        if self.server:
            self.server.call("POST", f"/users/{one}/blockedusers", {"blockedUids": [other]})

    def answers(self, match: str, data: object, **more: object) -> None:
        """CometChat says this, once, in place of what it knows."""
        assert self.server
        self.server.fault(match, "status", status=200, body={"data": data} | more)

    def calls(self, method: str) -> int:
        """Count the calls so far."""
        assert self.server
        log = self.server.raw("GET", "/_control/log").json()["requests"]
        return sum(each["method"] == method for each in log)

    def silent(self) -> None:
        """The next message is stored, and no answer comes."""
        if self.fake:
            self.fake.silent = 1
        if self.server:
            self.server.fault("messages.send", "drop_after")


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    made = ChatServer()
    with served(lambda _: create_app(now=made.now)) as made.address:
        yield made


@pytest.fixture(params=["fake", "cometchat"])
def side(request: pytest.FixtureRequest, server: ChatServer) -> Iterator[Side]:
    clock = FakeClock()
    if request.param == "fake":
        fake = FakeChat(
            people={"bob_token": Person(Uid("bob"), "Bob")},
            groups={"team": {"alice", "bob", "carol"}},
            known={"alice", "bob", "carol", "dave"},
        )
        yield Side(fake, clock, "bob_token", fake=fake)
        return
    server.raw("DELETE", "/_faults")
    server.reset()
    config = ChatConfig(f"{server.address}/v3", f"{server.address}/v3.0")
    token = server.as_client("bob")["authToken"]
    adapter = CometChat(config, clock)
    yield Side(adapter, clock, token, server=server)
    adapter.close()


def a_message(outbox_id: str = "o1", receiver: str = "bob", kind: str = "user") -> Message:
    return Message(
        sender=Uid("alice"),
        receiver=Receiver(receiver, kind),
        type="extension_calendar_invite",
        text="You are meeting Alice",
        custom={"bookingId": "b1"},
        outbox_id=outbox_id,
        mirrored={"bookingId": "b1"},
    )


def test_a_token_is_the_users_whose_it_is(side: Side) -> None:
    assert side.chat.whoami(TENANT, side.token) == Person(Uid("bob"), "Bob")
    assert side.chat.whoami(TENANT, "bob_1764000000ffffffffffffffff") is None


def test_a_user_who_is_there_is_told_from_one_who_is_not(side: Side) -> None:
    assert side.chat.user(TENANT, Uid("bob")) == Person(Uid("bob"), "Bob")
    assert side.chat.user(TENANT, Uid("nobody")) is None


def test_members_are_told_from_others(side: Side) -> None:
    for _ in range(2):
        assert side.chat.is_member(TENANT, "team", Uid("bob"))
        assert not side.chat.is_member(TENANT, "team", Uid("dave"))
        assert not side.chat.is_member(TENANT, "nowhere", Uid("bob"))


def test_a_member_of_a_group_that_has_talked_is_one_still(side: Side) -> None:
    side.chat.send(TENANT, a_message(receiver="team", kind="group"))
    assert side.chat.is_member(TENANT, "team", Uid("carol"))
    assert not side.chat.is_member(TENANT, "team", Uid("dave"))


def test_a_block_is_seen_from_both_sides_and_concerns_nobody_else(side: Side) -> None:
    side.block("bob", "alice")
    assert side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))
    assert side.chat.blocked(TENANT, Uid("bob"), Uid("alice"))
    assert not side.chat.blocked(TENANT, Uid("carol"), Uid("bob"))
    assert not side.chat.blocked(TENANT, Uid("alice"), Uid("carol"))


def test_of_a_user_who_is_not_there_nobody_knows_who_is_blocked(side: Side) -> None:
    for one, other in (("alice", "nobody"), ("nobody", "alice")):
        with pytest.raises(UserUnknown):
            side.chat.blocked(TENANT, Uid(one), Uid(other))


def test_a_message_is_found_by_its_outbox_id(side: Side) -> None:
    assert side.chat.find(TENANT, Uid("alice"), "o1") is None
    sent = side.chat.send(TENANT, a_message())
    other = side.chat.send(TENANT, a_message("o2"))
    assert sent != other
    assert side.chat.find(TENANT, Uid("alice"), "o1") == sent
    assert side.chat.find(TENANT, Uid("carol"), "o1") is None


def test_a_message_to_nobody_is_refused_for_good(side: Side) -> None:
    with pytest.raises(MessageRefused) as refusal:
        side.chat.send(TENANT, a_message(receiver="nobody"))
    assert refusal.value.code == "ERR_UID_NOT_FOUND"


def test_a_message_whose_answer_was_lost_was_sent_all_the_same(side: Side) -> None:
    side.silent()
    with pytest.raises(ChatUnavailable):
        side.chat.send(TENANT, a_message())
    assert side.chat.find(TENANT, Uid("alice"), "o1") is not None


def test_a_chat_out_of_reach_lets_nobody_in_and_takes_nothing(side: Side) -> None:
    side.down()
    for ask in (
        lambda: side.chat.whoami(TENANT, side.token),
        lambda: side.chat.is_member(TENANT, "team", Uid("bob")),
        lambda: side.chat.blocked(TENANT, Uid("alice"), Uid("bob")),
        lambda: side.chat.send(TENANT, a_message()),
        lambda: side.chat.find(TENANT, Uid("alice"), "o1"),
    ):
        with pytest.raises(ChatUnavailable):
            ask()


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_who_a_token_belongs_to_is_believed_for_a_minute(side: Side) -> None:
    assert side.server
    side.chat.whoami(TENANT, side.token)
    side.down()
    side.clock.pass_(seconds=59)
    assert side.chat.whoami(TENANT, side.token) == Person(Uid("bob"), "Bob")
    side.clock.pass_(seconds=1)
    with pytest.raises(ChatUnavailable):
        side.chat.whoami(TENANT, side.token)


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        ({"status": 429, "headers": {"Retry-After": "17"}}, 17),
        ({"status": 500}, 5),
        ({"status": 401, "body": {"error": {"code": "AUTH_ERR_APIKEY_NOT_FOUND"}}}, 300),
        ({"status": 400, "body": {"error": {"code": "ERR_OPERATION_FAILED"}}}, 5),
        ({"status": 400, "body": {"error": {"code": "ERR_BAD_ERROR_RESPONSE"}}}, 5),
        ({"status": 400, "body": {"error": {"code": "ERR_TOO_MANY_REQUESTS"}}}, 60),
        ({"status": 403, "body": {"error": {"code": "ERR_SUBSCRIPTION_EXPIRED"}}}, 300),
        ({"status": 403, "body": {"error": {"code": "ERR_PLAN_RESTRICTION"}}}, 300),
        ({"status": 503, "headers": {"Retry-After": "9"}}, 9),
    ],
)
def test_what_may_pass_is_no_refusal(side: Side, fault: dict[str, object], seconds: int) -> None:
    assert side.server
    side.server.fault("messages.send", "status", **fault)
    with pytest.raises(ChatUnavailable) as refusal:
        side.chat.send(TENANT, a_message())
    assert refusal.value.retry_after_seconds == seconds


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
@pytest.mark.parametrize(
    "code", ["ERR_SOMETHING_NEW", "ERR_BAD_REQUEST", "ERR_PLAN_QUOTA_RESTRICTION"]
)
def test_a_user_of_whom_nothing_was_learnt_is_not_gone(side: Side, code: str) -> None:
    assert side.server
    body = {"error": {"code": code, "message": "no"}}
    side.server.fault("users.get", "status", status=403, body=body)
    with pytest.raises(ChatUnavailable):
        side.chat.user(TENANT, Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_of_a_sender_who_is_not_there_any_more_nothing_is_found(side: Side) -> None:
    assert side.server
    body = {"error": {"code": "ERR_UID_NOT_FOUND", "message": "gone"}}
    side.server.fault("*", "status", status=404, body=body)
    assert side.chat.find(TENANT, Uid("alice"), "o1") is None


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_a_blocked_sender_is_refused_for_good(side: Side) -> None:
    assert side.server
    body = {"error": {"code": "ERR_BLOCKED_RECEIVER", "message": "blocked"}}
    side.server.fault("messages.send", "status", status=403, body=body)
    with pytest.raises(MessageRefused) as refusal:
        side.chat.send(TENANT, a_message())
    assert refusal.value.code == "ERR_BLOCKED_RECEIVER"


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_whoever_stands_in_a_list_of_blocks_is_blocked_whichever_way(side: Side) -> None:
    for way in ("blockedByMe", "hasBlockedMe"):
        side.clock.pass_(seconds=60)
        side.answers("users.blocked", [{"uid": "bob", "name": "Bob", way: True}])
        assert side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_a_list_of_blocks_is_asked_for_once_a_minute(side: Side) -> None:
    for guest in ("bob", "carol", "bob", "carol"):
        assert not side.chat.blocked(TENANT, Uid("alice"), Uid(guest))
    assert side.calls("users.blocked") == 3
    side.block("alice", "bob")
    side.clock.pass_(seconds=59)
    assert not side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))
    side.clock.pass_(seconds=1)
    assert side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_a_list_is_read_to_its_end(side: Side) -> None:
    assert side.server
    many = [{"app": "local", "uid": f"b{n:03}", "name": "B"} for n in range(200)]
    side.server.raw("POST", "/_control/users", json=many)
    everybody = {"blockedUids": [each["uid"] for each in many]}
    side.server.call("POST", "/users/alice/blockedusers", everybody)
    assert side.chat.blocked(TENANT, Uid("alice"), Uid("b199"))
    assert side.calls("users.blocked") == 3  # two are full; what comes after says that it ends
    assert not side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_a_list_without_an_end_lets_nobody_in(side: Side) -> None:
    assert side.server
    page = {"data": [{"uid": f"x{n}"} for n in range(100)]}
    side.server.fault("users.blocked", "status", status=200, body=page, times=0)
    with pytest.raises(ChatUnavailable):
        side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
@pytest.mark.parametrize("data", [{}, "text", ["bob"], [{"name": "Bob"}], [{"uid": 7}], None])
def test_a_list_of_another_form_lets_nobody_in(side: Side, data: object) -> None:
    assert side.server
    side.server.fault("*", "status", status=200, body={"data": data}, times=0)
    with pytest.raises(ChatUnavailable):
        side.chat.blocked(TENANT, Uid("alice"), Uid("bob"))
    with pytest.raises(ChatUnavailable):
        side.chat.is_member(TENANT, "team", Uid("bob"))


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
@pytest.mark.parametrize("listed", [False, True], ids=["alone", "in a list"])
def test_a_conversation_says_who_has_joined_its_group_alone(side: Side, *, listed: bool) -> None:
    for guid, uid, joined in (("team", "dave", True), ("others", "dave", False)):
        shown = {"conversationWith": {"guid": guid, "hasJoined": True}}
        side.answers("groups.conversation", [shown] if listed else shown)
        assert side.chat.is_member(TENANT, "team", Uid(uid)) is joined
        side.clock.pass_(seconds=60)
