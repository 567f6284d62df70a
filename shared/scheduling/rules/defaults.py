"""What holds for a host who has said nothing, and the bounds of what can be asked for."""

from datetime import timedelta

from scheduling.models import Preferences

#: How far ahead a share reaches.
HORIZON = timedelta(days=7)
STEP = timedelta(minutes=15)
DEFAULT_DURATION = timedelta(minutes=30)
SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(hours=8)
#: What holds for a host who has said nothing.
ANY_TIME = Preferences()
