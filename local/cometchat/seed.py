"""The apps, people and groups that the emulator starts with."""

from local.cometchat.store import SYSTEM_UID, ChatApp, Clock
from local.facts import API_KEYS, APP_NAMES, APP_REGION

#: A key that may only create users and tokens, as a client app would carry it.
AUTH_ONLY_KEYS = {"local": "local-auth-key"}
USERS = {
    "local": {"alice": "Alice", "bob": "Bob", "carol": "Carol", "dave": "Dave"},
    # The same uid in another app is another person.
    "other": {"alice": "Alice"},
}
GROUPS = {"local": {"team": ("Team", ("alice", "bob", "carol"))}}


def plant(now: Clock) -> dict[str, ChatApp]:
    """Make the apps again, by app id."""
    apps = {}
    for app_id, key in API_KEYS.items():
        app = ChatApp(app_id, APP_NAMES[app_id], APP_REGION, now)
        app.keys[key] = "fullAccess"
        if app_id in AUTH_ONLY_KEYS:
            app.keys[AUTH_ONLY_KEYS[app_id]] = "authOnly"
        app.add_user(SYSTEM_UID, "System")
        for uid, name in USERS.get(app_id, {}).items():
            app.add_user(uid, name)
        for guid, (name, members) in GROUPS.get(app_id, {}).items():
            app.add_group(guid, name, members)
        apps[app_id] = app
    return apps
