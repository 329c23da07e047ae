"""When those whom others wait for count as standing still."""

from __future__ import annotations

from ordercall.progress import ProgressWatch


def looks(*numbers: int | None, most: int = 3) -> list[list[str]]:
    """Return what a watch finds at looks that see these numbers."""
    seen = iter(numbers)
    watch = ProgressWatch({"thread": lambda: next(seen)}, looks=most)
    return [watch.look() for _ in numbers]


def test_who_has_done_nothing_for_so_many_looks_stands_still() -> None:
    assert looks(7, 7, 7, 7, 7) == [[], [], [], ["thread"], ["thread"]]


def test_who_does_something_in_between_does_not() -> None:
    assert looks(7, 7, 7, 8, 8, 8, 9) == [[]] * 7


def test_who_has_nothing_to_do_does_not() -> None:
    assert looks(None, None, None, None, None) == [[]] * 5


def test_looks_are_counted_anew_after_there_was_nothing_to_do() -> None:
    assert looks(7, 7, 7, None, 7, 7, 7, 7) == [[]] * 7 + [["thread"]]


def test_each_is_judged_by_itself() -> None:
    watch = ProgressWatch({"one": lambda: 1, "other": lambda: None}, looks=1)
    watch.look()

    assert watch.look() == ["one"]
