"""One promise of `ports.Chat`, kept by the fake and by CometChat's adapter over its stand-in."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from local.cometchat.server import create_app
from scheduling.adapters.cometchat import CometChat
from scheduling.config import ChatConfig
from scheduling.errors import ChatUnavailable
from scheduling.models import AppId, Message, Person, Receiver, Secret, Tenant, Uid
from scheduling.ports import Chat, MessageRefused
from tests.fakes import FakeChat, FakeClock
from tests.stand_ins.chat_server import ChatServer
from tests.stand_ins.serving import served

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


def test_members_are_told_from_others(side: Side) -> None:
    for _ in range(2):
        assert side.chat.is_member(TENANT, "team", Uid("bob"))
        assert not side.chat.is_member(TENANT, "team", Uid("dave"))
        assert not side.chat.is_member(TENANT, "nowhere", Uid("bob"))


def test_a_member_of_a_group_that_has_talked_is_one_still(side: Side) -> None:
    side.chat.send(TENANT, a_message(receiver="team", kind="group"))
    assert side.chat.is_member(TENANT, "team", Uid("carol"))
    assert not side.chat.is_member(TENANT, "team", Uid("dave"))


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
    ],
)
def test_what_may_pass_is_no_refusal(side: Side, fault: dict[str, object], seconds: int) -> None:
    assert side.server
    side.server.fault("messages.send", "status", **fault)
    with pytest.raises(ChatUnavailable) as refusal:
        side.chat.send(TENANT, a_message())
    assert refusal.value.retry_after_seconds == seconds


@pytest.mark.parametrize("side", ["cometchat"], indirect=True)
def test_a_blocked_sender_is_refused_for_good(side: Side) -> None:
    assert side.server
    body = {"error": {"code": "ERR_BLOCKED_RECEIVER", "message": "blocked"}}
    side.server.fault("messages.send", "status", status=403, body=body)
    with pytest.raises(MessageRefused) as refusal:
        side.chat.send(TENANT, a_message())
    assert refusal.value.code == "ERR_BLOCKED_RECEIVER"
