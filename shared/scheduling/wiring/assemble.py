"""The one composition: ports in, use cases out; deployed with adapters, in tests with fakes.

Each use case is built when it is first asked for, so that a function builds only what it uses.
"""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scheduling.access.limits import Limits
from scheduling.access.links import Links
from scheduling.access.policy import AccessPolicy
from scheduling.bookings.book import Booker
from scheduling.bookings.cancel import Canceller
from scheduling.bookings.change import BookingChanger
from scheduling.bookings.follow_up import FollowUp
from scheduling.bookings.hold import SlotHolder
from scheduling.bookings.insert import Inserter
from scheduling.bookings.recover import Recovery
from scheduling.bookings.reschedule import Rescheduler
from scheduling.bookings.times_to_move_to import MoveTimes
from scheduling.bookings.worker import Worker
from scheduling.calendars.host_calendar import HostCalendar
from scheduling.calendars.own_events import OwnEvents
from scheduling.calendars.preferences import PreferenceEditor
from scheduling.connections.connect import Connector
from scheduling.connections.disconnect import Disconnector
from scheduling.connections.pending import PendingGrants
from scheduling.connections.sessions import OneTimeLinks
from scheduling.core.catalogue import Catalogue
from scheduling.http.authenticate import Authenticator
from scheduling.http.cookies import SessionCookies
from scheduling.messages.compose import Messages
from scheduling.messages.invite_files import InviteFiles
from scheduling.messages.outbox import Delivery
from scheduling.models import BookingState
from scheduling.operations.erase import Eraser
from scheduling.operations.reconcile import Reconciler
from scheduling.ports import (
    Bookings,
    BusyTimes,
    Calendar,
    Chat,
    Clock,
    Connections,
    HostPreferences,
    InviteFile,
    Metrics,
    OAuthProvider,
    Outbox,
    PersonalData,
    Revocation,
    Sessions,
    Shares,
    Tenants,
    Usage,
    WorkQueue,
)
from scheduling.shares.share import Sharer
from scheduling.shares.view import ShareViews

if TYPE_CHECKING:
    from scheduling.http.assets import Assets
    from scheduling.http.pages import Pages


class Ports(Protocol):
    """What the use cases ask of the world: `DeployedPorts` where deployed, fakes in tests."""

    @property
    def clock(self) -> Clock: ...
    @property
    def metrics(self) -> Metrics: ...
    @property
    def catalogue(self) -> Catalogue: ...
    @property
    def links(self) -> Links: ...
    @property
    def invite_file_links(self) -> Links: ...
    @property
    def limits_factor(self) -> int: ...
    @property
    def web_folder(self) -> Path: ...
    @property
    def consent_url(self) -> str: ...
    @property
    def invite_file(self) -> InviteFile: ...
    @property
    def tenants(self) -> Tenants: ...
    @property
    def connections(self) -> Connections: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def shares(self) -> Shares: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def preferences(self) -> HostPreferences: ...
    @property
    def busy_times(self) -> BusyTimes: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def usage(self) -> Usage: ...
    @property
    def personal_data(self) -> PersonalData: ...
    @property
    def work_queue(self) -> WorkQueue: ...
    @property
    def calendar(self) -> Calendar: ...
    @property
    def oauth(self) -> OAuthProvider: ...
    @property
    def revocation(self) -> Revocation: ...
    @property
    def chat(self) -> Chat: ...


class UseCases:
    """The use cases over one set of ports."""

    def __init__(self, ports: Ports) -> None:
        self.ports = ports

    @cached_property
    def access_policy(self) -> AccessPolicy:
        return AccessPolicy(clock=self.ports.clock, shares=self.ports.shares, chat=self.ports.chat)

    @cached_property
    def limits(self) -> Limits:
        return Limits(
            clock=self.ports.clock,
            usage=self.ports.usage,
            metrics=self.ports.metrics,
            factor=self.ports.limits_factor,
        )

    @cached_property
    def messages(self) -> Messages:
        return Messages(catalogue=self.ports.catalogue, links=self.ports.links)

    @cached_property
    def delivery(self) -> Delivery:
        return Delivery(
            clock=self.ports.clock,
            tenants=self.ports.tenants,
            shares=self.ports.shares,
            bookings=self.ports.bookings,
            outbox=self.ports.outbox,
            chat=self.ports.chat,
            messages=self.messages,
            metrics=self.ports.metrics,
        )

    @cached_property
    def invite_files(self) -> InviteFiles:
        return InviteFiles(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            links=self.ports.invite_file_links,
            writer=self.ports.invite_file,
        )

    @cached_property
    def host_calendar(self) -> HostCalendar:
        return HostCalendar(
            clock=self.ports.clock,
            connections=self.ports.connections,
            calendar=self.ports.calendar,
            bookings=self.ports.bookings,
            busy_times=self.ports.busy_times,
            # Built when a person asks: the environment of `reconcile` has no limits.
            limits=lambda: self.limits,
            links=self.ports.links,
            metrics=self.ports.metrics,
        )

    @cached_property
    def own_events(self) -> OwnEvents:
        return OwnEvents(calendar=self.ports.calendar)

    @cached_property
    def inserter(self) -> Inserter:
        return Inserter(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            calendar=self.ports.calendar,
            own_events=self.own_events,
            host_calendar=self.host_calendar,
            catalogue=self.ports.catalogue,
        )

    @cached_property
    def rescheduler(self) -> Rescheduler:
        return Rescheduler(
            clock=self.ports.clock,
            calendar=self.ports.calendar,
            own_events=self.own_events,
            host_calendar=self.host_calendar,
        )

    @cached_property
    def canceller(self) -> Canceller:
        return Canceller(clock=self.ports.clock, calendar=self.ports.calendar)

    @cached_property
    def worker(self) -> Worker:
        return Worker(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            steps={
                BookingState.CLAIMED: self.inserter,
                BookingState.RESCHEDULING: self.rescheduler,
                BookingState.CANCELLING: self.canceller,
            },
            metrics=self.ports.metrics,
        )

    @cached_property
    def recovery(self) -> Recovery:
        return Recovery(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            connections=self.ports.connections,
            worker=self.worker,
        )

    @cached_property
    def follow_up(self) -> FollowUp:
        return FollowUp(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            connections=self.ports.connections,
            calendar=self.ports.calendar,
            host_calendar=self.host_calendar,
            outbox=self.ports.outbox,
            metrics=self.ports.metrics,
        )

    @cached_property
    def booker(self) -> Booker:
        return Booker(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            access_policy=self.access_policy,
            worker=self.worker,
            limits=self.limits,
            messages=self.messages,
            metrics=self.ports.metrics,
        )

    @cached_property
    def move_times(self) -> MoveTimes:
        return MoveTimes(
            clock=self.ports.clock,
            shares=self.ports.shares,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            own_events=self.own_events,
            access_policy=self.access_policy,
            limits=self.limits,
        )

    @cached_property
    def booking_changer(self) -> BookingChanger:
        return BookingChanger(
            clock=self.ports.clock,
            shares=self.ports.shares,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            access_policy=self.access_policy,
            limits=self.limits,
            worker=self.worker,
            messages=self.messages,
            metrics=self.ports.metrics,
        )

    @cached_property
    def slot_holder(self) -> SlotHolder:
        return SlotHolder(
            clock=self.ports.clock,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            access_policy=self.access_policy,
            limits=self.limits,
            metrics=self.ports.metrics,
        )

    @cached_property
    def sharer(self) -> Sharer:
        return Sharer(
            clock=self.ports.clock,
            shares=self.ports.shares,
            preferences=self.ports.preferences,
            host_calendar=self.host_calendar,
            access_policy=self.access_policy,
            delivery=self.delivery,
            messages=self.messages,
            limits=self.limits,
            catalogue=self.ports.catalogue,
            metrics=self.ports.metrics,
        )

    @cached_property
    def share_views(self) -> ShareViews:
        return ShareViews(
            clock=self.ports.clock,
            shares=self.ports.shares,
            bookings=self.ports.bookings,
            host_calendar=self.host_calendar,
            access_policy=self.access_policy,
            limits=self.limits,
            links=self.ports.links,
        )

    @cached_property
    def preference_editor(self) -> PreferenceEditor:
        return PreferenceEditor(preferences=self.ports.preferences)

    @cached_property
    def disconnector(self) -> Disconnector:
        return Disconnector(
            clock=self.ports.clock,
            connections=self.ports.connections,
            recovery=self.recovery,
            revocation=self.ports.revocation,
            metrics=self.ports.metrics,
        )

    @cached_property
    def pending_grants(self) -> PendingGrants:
        return PendingGrants(
            clock=self.ports.clock,
            sessions=self.ports.sessions,
            calendar=self.ports.calendar,
            disconnector=self.disconnector,
            metrics=self.ports.metrics,
        )

    @cached_property
    def connector(self) -> Connector:
        return Connector(
            clock=self.ports.clock,
            tenants=self.ports.tenants,
            connections=self.ports.connections,
            sessions=self.ports.sessions,
            chat=self.ports.chat,
            oauth=self.ports.oauth,
            pending_grants=self.pending_grants,
            disconnector=self.disconnector,
            limits=self.limits,
            links=self.ports.links,
            metrics=self.ports.metrics,
        )

    @cached_property
    def one_time_links(self) -> OneTimeLinks:
        return OneTimeLinks(
            clock=self.ports.clock,
            tenants=self.ports.tenants,
            sessions=self.ports.sessions,
            links=self.ports.links,
        )

    @cached_property
    def reconciler(self) -> Reconciler:
        return Reconciler(
            clock=self.ports.clock,
            work_queue=self.ports.work_queue,
            recovery=self.recovery,
            follow_up=self.follow_up,
            disconnector=self.disconnector,
            delivery=self.delivery,
            metrics=self.ports.metrics,
        )

    @cached_property
    def eraser(self) -> Eraser:
        return Eraser(
            clock=self.ports.clock,
            personal_data=self.ports.personal_data,
            shares=self.ports.shares,
            bookings=self.ports.bookings,
            connections=self.ports.connections,
            outbox=self.ports.outbox,
            recovery=self.recovery,
            worker=self.worker,
            delivery=self.delivery,
            disconnector=self.disconnector,
        )

    # What stands before them in the functions that people call

    @cached_property
    def session_cookies(self) -> SessionCookies:
        return SessionCookies(
            clock=self.ports.clock,
            links=self.ports.links,
            sessions=self.ports.sessions,
            tenants=self.ports.tenants,
        )

    @cached_property
    def authenticator(self) -> Authenticator:
        return Authenticator(
            clock=self.ports.clock,
            tenants=self.ports.tenants,
            chat=self.ports.chat,
            session_cookies=self.session_cookies,
        )

    @cached_property
    def assets(self) -> "Assets":
        from scheduling.http.assets import Assets

        return Assets(self.ports.web_folder)

    @cached_property
    def pages(self) -> "Pages":
        from scheduling.http.pages import Pages

        return Pages(
            folder=self.ports.web_folder,
            catalogue=self.ports.catalogue,
            version=self.assets.version,
            consent_url=self.ports.consent_url,
        )


def assemble(ports: Ports) -> UseCases:
    """Put the use cases together over a set of ports; nothing is built before it is asked for."""
    return UseCases(ports)
