"""Talk to the CometChat emulator as a server with its key, or as a user's client."""

from typing import Any

import requests

ADMIN = {"appid": "local", "apikey": "local-api-key"}
OTHER = {"appid": "other", "apikey": "other-api-key"}
START = 1_780_000_020


class ChatServer:
    """The emulator at an address, and the hand on its clock."""

    def __init__(self) -> None:
        self.address = ""
        self.seconds = START

    def now(self) -> int:
        return self.seconds

    def call(
        self, verb: str, path: str, body: Any = None, *, version: str = "v3", **headers: str
    ) -> requests.Response:
        """Call the API; as the app `local`'s server unless other headers are given."""
        return self.raw(verb, f"/{version}{path}", json=body, headers=headers or ADMIN)

    def raw(self, verb: str, path: str, **options: Any) -> requests.Response:
        return requests.request(verb, self.address + path, timeout=5, **options)

    def reset(self) -> None:
        self.seconds = START
        self.raw("POST", "/_control/reset")

    def fault(self, match: str, kind: str, **more: Any) -> None:
        fault = {"match": match, "kind": kind} | more
        assert self.raw("POST", "/_faults", json=fault).status_code == 201

    def as_client(self, uid: str) -> dict[str, str]:
        """Log a user in: the headers of a client."""
        answer = self.call("POST", f"/users/{uid}/auth_tokens", {})
        return {"appId": "local", "authToken": answer.json()["data"]["authToken"]}

    def send(self, sender: str | None = "alice", **changed: Any) -> requests.Response:
        """Send a custom message from alice to bob, or what was changed of it."""
        headers = ADMIN | ({"onBehalfOf": sender} if sender else {})
        return self.call("POST", "/messages", custom_message(**changed), **headers)

    def sent(self, sender: str | None = "alice", **changed: Any) -> dict[str, Any]:
        """Send, and return the message as answered."""
        answer = self.send(sender, **changed)
        assert answer.status_code == 200, answer.text
        message: dict[str, Any] = answer.json()["data"]
        return message

    def ids(self, path: str, **headers: str) -> list[str]:
        """List messages, and give their ids."""
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return [message["id"] for message in answer.json()["data"]]


def custom_message(**changed: Any) -> dict[str, Any]:
    """A custom message to bob, without the fields that are changed to None."""
    message = {
        "receiver": "bob",
        "receiverType": "user",
        "category": "custom",
        "type": "extension_calendar",
        "data": {"text": "Hello", "customData": {"v": 1}},
    } | changed
    return {name: value for name, value in message.items() if value is not None}


def refusal(answer: requests.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return answer.status_code, answer.json()["error"]["code"]
