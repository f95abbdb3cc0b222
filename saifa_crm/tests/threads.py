"""Several people or workers at the same moment, for tests: threads, each with database connections of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connections

MEET_SECONDS = 20
END_SECONDS = 120


def together(*jobs: Callable[[], object]) -> list[BaseException]:
    """Run each job in a thread of its own, all let go at once; answers what they raised, in the order it happened.

    Whoever expects a peaceful end asserts `together(...) == []`: what a thread raises would pass unseen otherwise. The
    test needs `django_db(transaction=True)`, or the threads do not see its rows. A job that does not end within
    END_SECONDS fails the test.
    """
    raised: list[BaseException] = []
    start = threading.Barrier(len(jobs))

    def run(job: Callable[[], object]) -> None:
        try:
            start.wait(MEET_SECONDS)
            job()
        except BaseException as error:  # failed assertions and exits too
            raised.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(job,), daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(END_SECONDS)
        assert not thread.is_alive(), "a job hangs"
    return raised
