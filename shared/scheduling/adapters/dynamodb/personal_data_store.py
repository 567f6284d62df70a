"""Everything that the table keeps about one person, found by reading all of an app's items."""

from collections.abc import Iterable, Iterator

from scheduling.adapters.dynamodb import claims
from scheduling.adapters.dynamodb.booking_item import booking_from, hold_from
from scheduling.adapters.dynamodb.outbox_store import PREFIX
from scheduling.adapters.dynamodb.share_store import share_from
from scheduling.adapters.dynamodb.table import Item, Key, Table, TransactionRefused, app_pk, delete
from scheduling.core.ids import hold_id
from scheduling.models import AppId, Booking, Share, Uid
from scheduling.ports import PersonRecord, PersonRecords

#: The items by which a share's or booking's other items are found again: they go last.
_HEADS = ("SHARE", "BOOKING")


class PersonalDataStore:
    """What is about a person: what they made, what is for them alone, what names them.

    A booking or a share goes as a whole, with its messages, guests and watches, and with what
    others have that leads to it: an entry in a host's list, what an idempotency key stands for.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def records(self, app_id: AppId, uid: Uid) -> PersonRecords:
        """Find everything about a user of an app."""
        shares: list[Share] = []
        bookings: list[Booking] = []
        found: dict[Key, Item] = {}
        for item in self._table.scan_app(app_id):
            if not _names(item, app_id, uid):
                continue
            found[item["pk"], item["sk"]] = item
            if item["sk"] == "SHARE":
                shares.append(share_from(item))
            elif item["sk"] == "BOOKING":
                bookings.append(booking_from(item))
        for each in self._around(app_id, uid, shares, bookings):
            found[each["pk"], each["sk"]] = each
        ordered = sorted(found, key=lambda key: (key[1] in _HEADS, key))
        items = [
            PersonRecord(kind=sk.partition("#")[0].lower(), place=(pk, sk)) for pk, sk in ordered
        ]
        return PersonRecords(items=items, bookings=bookings, shares=shares)

    def _around(
        self, app_id: AppId, uid: Uid, shares: Iterable[Share], bookings: Iterable[Booking]
    ) -> Iterator[Item]:
        """Return what stands beside shares and bookings, and what leads to them."""
        others: set[str] = set()
        gone: set[str] = set()
        for share in shares:
            yield from self._table.query(app_pk(app_id, "SHARE", share.share_id))
            others.add(share.host.uid)
            gone.add(share.share_id)
        for booking in bookings:
            yield from self._table.query(app_pk(app_id, "BOOKING", booking.booking_id))
            others |= {booking.host.uid, booking.guest.uid}
            gone.add(booking.booking_id)
        for other in sorted(others - {uid}):
            for prefix in ("KEY#", "SHARE#"):
                for item in self._table.query(app_pk(app_id, "USER", other), prefix=prefix):
                    if {item.get("id"), item.get("shareId")} & gone:
                        yield item

    def forget(self, records: PersonRecords) -> None:
        """Delete it; a hold with the time that it has."""
        for record in records.items:
            if record.kind == "hold":
                self._release(record.place)
            self._table.write(delete(record.place))

    def _release(self, place: Key) -> None:
        item = self._table.get(place)
        if item is None:
            return
        hold = hold_from(item)
        writes = claims.exchange(
            hold.calendar_id,
            claim=set(),
            free=claims.touched([hold.claimed]),
            owner=hold_id(hold.app_id, hold.share_id, hold.guest),
            now=self._table.now(),
        )
        try:
            self._table.transact(writes)
        except TransactionRefused:
            return  # it has ended, and others have taken some of it


def _names(item: Item, app_id: AppId, uid: Uid) -> bool:
    """Whether an item by itself is about a user."""
    pk, sk = item["pk"], item["sk"]
    if pk == app_pk(app_id, "USER", uid) or sk in {f"GUEST#{uid}", f"HOLD#{uid}"}:
        return True
    if sk == "SHARE":
        alone = (item["receiverType"], item["receiver"]) == ("user", uid)
        return alone or item["host"]["uid"] == uid
    if sk == "BOOKING":
        return uid in {item["host"]["uid"], item["guest"]["uid"]}
    return (sk == "SESSION" or sk.startswith(PREFIX)) and item.get("uid") == uid
