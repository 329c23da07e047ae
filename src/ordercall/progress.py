"""Whether those whom others wait for get on with their work: a thread that commits, an event loop, a whole process.

Looks are counted and no clock is asked. So who was stopped together with what it watches (a laptop that slept, Ctrl-Z)
finds one look more on waking, and not the hours in between.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

type Progress = Callable[[], int | None]
"""Returns a number that changes with everything that is done, or None while nothing is to do."""


class ProgressWatch:
    """Watches several, by their names.

    Args:
        looks: after how many looks that found work, and always the same of it, one of them stands still.
    """

    def __init__(self, watched: Mapping[str, Progress], *, looks: int) -> None:
        self._watched = watched
        self._looks = looks
        self._seen: dict[str, tuple[int | None, int]] = {}

    def look(self) -> list[str]:
        """Return the names of those that stand still."""
        for name, progress in self._watched.items():
            number = progress()
            last, same = self._seen.get(name, (None, 0))
            self._seen[name] = number, same + 1 if number is not None and number == last else 0
        return [name for name, (_, same) in self._seen.items() if same >= self._looks]
