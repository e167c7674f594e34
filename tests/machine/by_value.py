"""A cluster for tests: all that travels is pickled, and comes back so, as from another machine."""

from __future__ import annotations

import pickle
from concurrent.futures import Future
from typing import Any


class ByValue:
    """Does the work here; `sent` counts the portions."""

    workers = 2

    def __init__(self) -> None:
        self.sent = 0

    def share(self, value: Any) -> Any:
        """The value as it would arrive."""
        return pickle.loads(pickle.dumps(value))

    def check(self) -> None:
        """It is always there."""

    def submit(self, function: Any, *given: Any) -> Future[Any]:
        """The finished work."""
        self.sent += 1
        future: Future[Any] = Future()
        arrived, arguments = pickle.loads(pickle.dumps((function, given[1:])))
        try:
            future.set_result(pickle.loads(pickle.dumps(arrived(given[0], *arguments))))
        except Exception as error:
            future.set_exception(pickle.loads(pickle.dumps(error)))
        return future
