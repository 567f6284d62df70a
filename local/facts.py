"""The fixed facts of the local run: addresses, apps, keys. All of them are public.

Source: the README's section on the local run; tests and clients rely on them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

#: The checkout: the folder that holds `template.yaml`.
ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"

DEFAULT_PORT = 3000
#: Extension, Google, CometChat, AWS, Amazon's DynamoDB: one port each, in this order.
PORTS = 5

REGION = "us-east-1"
ACCOUNT = "000000000000"
#: MiniStack and DynamoDB Local take any; Amazon's engine wants letters and digits only.
AWS_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}

GOOGLE_CLIENT_ID = "local-client"
GOOGLE_CLIENT_SECRET = "local-secret"

#: Each app's REST API key, and its name for people.
API_KEYS = {"local": "local-api-key", "other": "other-api-key"}
APP_NAMES = {"local": "Local App", "other": "Other App"}
APP_REGION = "us"


@dataclass(frozen=True)
class Addresses:
    """Where everything listens, counted from one port."""

    port: int

    @property
    def extension(self) -> str:
        """The product, and the demo at `/demo`; another site than the emulators, as at home."""
        return f"http://localhost:{self.port}"

    @property
    def demo(self) -> str:
        """The page with the chat windows."""
        return f"{self.extension}/demo"

    @property
    def google(self) -> str:
        """The Google emulator."""
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def cometchat(self) -> str:
        """The CometChat emulator."""
        return f"http://127.0.0.1:{self.port + 2}"

    @property
    def aws(self) -> str:
        """MiniStack."""
        return f"http://127.0.0.1:{self.port + 3}"

    @property
    def dynamodb(self) -> str:
        """Amazon's DynamoDB Local, when it was asked for."""
        return f"http://127.0.0.1:{self.port + 4}"

    def vendors(self, environ: Mapping[str, str]) -> dict[str, str]:
        """Say each vendor's host: the emulator's, unless the environment names another."""
        emulators = {
            "GOOGLE_AUTH_URL": f"{self.google}/o/oauth2/v2/auth",
            "GOOGLE_TOKEN_URL": f"{self.google}/token",
            "GOOGLE_REVOKE_URL": f"{self.google}/revoke",
            "GOOGLE_CERTS_URL": f"{self.google}/oauth2/v1/certs",
            "GOOGLE_CALENDAR_URL": f"{self.google}/calendar/v3/",
            "COMETCHAT_API_URL": f"{self.cometchat}/v3",
            "COMETCHAT_CLIENT_URL": f"{self.cometchat}/v3.0",
        }
        return {name: environ.get(name) or url for name, url in emulators.items()}
