"""Tenants as items of the table, their API keys sealed."""

from datetime import timedelta

from scheduling.adapters.aws.sealing import Seal
from scheduling.adapters.dynamodb.table import Item, Key, Table, app_pk, delete, put
from scheduling.models import REGIONS, AppId, Secret, Tenant, Uid
from scheduling.ports import Clock

SK = "TENANT"
#: How long a warm function trusts what it read; a removed app is served no longer than this.
_CACHED = timedelta(seconds=60)


def _key(app_id: str) -> Key:
    return app_pk(app_id), SK


def _context(app_id: str) -> dict[str, str]:
    return {"tenant": app_id, "purpose": "api-key"}


class UnknownRegion(Exception):
    """An app's item names no region of CometChat's: its key would go to a host of somebody else."""


class TenantStore:
    """The registry of apps."""

    def __init__(self, table: Table, seal: Seal, clock: Clock) -> None:
        self._table = table
        self._seal = seal
        self._clock = clock
        self._cache: dict[str, tuple[float, Tenant]] = {}

    def get(self, app_id: AppId) -> Tenant | None:
        """Return the app of that id; raises `SealBroken` and `UnknownRegion` of a forged item."""
        now = self._clock.now().timestamp()
        cached = self._cache.get(app_id)
        if cached and cached[0] > now:
            return cached[1]
        item = self._table.get(_key(app_id))
        if item is None:
            return None
        tenant = self._tenant(item)
        self._cache[app_id] = (now + _CACHED.total_seconds(), tenant)
        return tenant

    def put(self, tenant: Tenant) -> None:
        """Add an app, or change it."""
        item = {
            "appId": tenant.app_id,
            "region": tenant.region,
            "name": tenant.name,
            "apiKey": self._seal.seal(tenant.api_key.reveal(), _context(tenant.app_id)),
            "returnUrls": list(tenant.return_urls),
            "noticeUid": tenant.notice_uid,
            "locale": tenant.locale,
        }
        self._table.write(put(_key(tenant.app_id), item))
        self._cache.pop(tenant.app_id, None)

    def remove(self, app_id: AppId) -> None:
        """Forget an app with its key."""
        self._table.write(delete(_key(app_id)))
        self._cache.pop(app_id, None)

    def all(self) -> list[Tenant]:
        """List all apps; for the operator's command."""
        return sorted(
            (self._tenant(item) for item in self._table.scan(SK)),
            key=lambda tenant: tenant.app_id,
        )

    def _tenant(self, item: Item) -> Tenant:
        # Its key says which it is: an item that was copied under another key does not open.
        app_id = AppId(item["pk"].removeprefix(app_pk("")))
        # The region is not sealed, and becomes part of the host that is sent the key.
        if item["region"] not in REGIONS:
            raise UnknownRegion(app_id)
        return Tenant(
            app_id=app_id,
            region=item["region"],
            name=item["name"],
            api_key=Secret(self._seal.open(item["apiKey"], _context(app_id))),
            return_urls=tuple(item["returnUrls"]),
            notice_uid=Uid(item["noticeUid"]),
            locale=item["locale"],
        )
