"""Whether a deployment and its apps are set up, told in words that say what to do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scheduling.core.errors import CalendarUnavailable, ChatUnavailable
from scheduling.models import Tenant
from scheduling.ports.operations import Inspection, Refusal, SecretParameters

_CONSOLE = "Google's console (Google Auth Platform, Clients)"
_CLIENT: Mapping[str, str] = {
    "invalid_client": (
        "compare the stack's parameter GoogleClientId, and what `secrets` put as"
        f" google-client-secret, with the client in {_CONSOLE}"
    ),
    "deleted_client": f"restore the client within 30 days in {_CONSOLE}, or make another",
    "disabled_client": f"Google has disabled the client: {_CONSOLE} says why",
    "unauthorized_client": f"the client in {_CONSOLE} has to be of the type Web application",
}
_CHAT: Mapping[str, str] = {
    "AUTH_ERR_NO_ACCESS": (
        "the key is an Auth Key; take the REST API Key, of full access, from CometChat's dashboard"
        " (API & Auth Keys), and `add` it with --api-key-stdin"
    ),
    "AUTH_ERR_APIKEY_NOT_FOUND": (
        "the key is not one of this app; take the REST API Key from CometChat's dashboard (API &"
        " Auth Keys), and `add` it with --api-key-stdin"
    ),
    "AUTH_ERR_INVALID_APPID": (
        "there is no app of this id in this region; compare both with CometChat's dashboard, and"
        " `add` the app with the right --region"
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in a sentence."""

    good: bool
    sentence: str


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """Asks both vendors, Parameter Store, and our own address; changes nothing."""

    parameters: SecretParameters
    inspection: Inspection

    def deployment(self) -> list[Finding]:
        """Look at what all apps share."""
        missing = self.parameters.missing()
        if missing:
            sentence = f"Parameter Store lacks {', '.join(missing)}: "
            sentence += "`secrets` makes the secrets, and a deployment base-url"
            return [Finding(good=False, sentence=sentence)]
        unknown = (
            f"add {self.inspection.base_url()}/oauth/callback, to the letter, to the client's"
            f" authorised redirect URIs in {_CONSOLE}; Google may take some minutes"
        )
        redirect = {**_CLIENT, "redirect_uri_mismatch": unknown}
        return [
            Finding(good=True, sentence="Parameter Store has the address and all secrets"),
            self._front(),
            self._ask_google("the OAuth client", self.inspection.client_refusal, _CLIENT),
            self._ask_google("the redirect URI", self.inspection.redirect_refusal, redirect),
        ]

    def app(self, tenant: Tenant) -> Finding:
        """Look at one app: its key, and who signs its notices."""
        about = f"{tenant.app_id} ({tenant.name}): "
        try:
            refusal = self.inspection.chat_refusal(tenant)
        except ChatUnavailable:
            return Finding(
                good=False,
                sentence=f"{about}CometChat does not answer for this app in the region"
                f" {tenant.region}: is the region right, and has this machine a way out?",
            )
        if refusal is None:
            return Finding(
                good=True,
                sentence=f"{about}CometChat takes the key, and {tenant.notice_uid} signs notices",
            )
        if refusal.code == "ERR_UID_NOT_FOUND":
            return Finding(
                good=False,
                sentence=f"{about}CometChat takes the key, but there is no user"
                f" {tenant.notice_uid} to sign notices: create it in CometChat, or `add` the app"
                " with another --notice-uid",
            )
        return Finding(good=False, sentence=about + _told("CometChat", refusal, _CHAT))

    def _front(self) -> Finding:
        address = self.inspection.base_url()
        if self.inspection.front_answers():
            return Finding(good=True, sentence=f"{address} answers")
        return Finding(
            good=False,
            sentence=f"{address} does not answer as this product does: is the stack deployed, and"
            " has this machine a way out? The functions' logs say more",
        )

    @staticmethod
    def _ask_google(
        what: str, ask: Callable[[], Refusal | None], remedies: Mapping[str, str]
    ) -> Finding:
        try:
            refusal = ask()
        except CalendarUnavailable:
            return Finding(
                good=False, sentence=f"{what}: Google does not answer; try again in a minute"
            )
        if refusal is None:
            return Finding(good=True, sentence=f"Google takes {what}")
        return Finding(good=False, sentence=f"{what}: {_told('Google', refusal, remedies)}")


def _told(who: str, refusal: Refusal, remedies: Mapping[str, str]) -> str:
    words = f" ({refusal.words.rstrip('.')})" if refusal.words else ""
    remedy = remedies.get(refusal.code, "look this up in its documentation")
    return f"{who} says {refusal.code}{words}: {remedy}"
