"""The chapters, each of which makes what it needs and can be told alone.

people.py (a) the root user, people, a group. roles.py (b) a role in place of one's own rights. ended.py (c) a session
past its end. service.py (d) a service's rights from a role. app_user.py (e) the three steps. denials.py (f) why not.
"""

from collections.abc import Callable
from typing import TypeAlias

from services.command.tour.cast import Cast
from services.command.tour.telling import Story

Chapter: TypeAlias = Callable[[Story, Cast], None]
"""Tells its part of the story with people of the cast. Raises NotAsTold at the first step that comes out otherwise."""
