"""`make bench`: measures on scratch databases that are dropped afterwards; prints each figure beside its floor.

`python -m benchmarks posts` takes that part only. `python -m benchmarks listing report --contacts 100000 1000000`
measures the list and the report at those sizes, as can `searches` (in messages, inbox and palette) and `exports`;
`--keep` keeps the loaded databases for the next time, `--here` measures the configured database as it is.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from contextlib import nullcontext

import django

from saifa_crm.stack.services import ensure_services

PARTS = ("posts", "render", "listing", "searches", "report", "exports")
SIZES = (10_000, 100_000)  # quick enough for every day; the claims are about 1,000,000


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measured claims beside their floors.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; default all")
    parser.add_argument("--contacts", type=int, nargs="+", default=SIZES, help="sizes for the list and the report")
    parser.add_argument("--keep", action="store_true", help="keep and use again the loaded databases")
    parser.add_argument("--here", action="store_true", help="the list and the report of the configured database")
    asked = parser.parse_args()
    if unknown := set(asked.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    asked.parts = asked.parts or list(PARTS)
    return asked


def main() -> int:
    asked = arguments()
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "saifa_crm.settings")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))  # the web servers' too: sessions are made here
    ensure_services()
    django.setup()
    from django.conf import settings

    settings.DEBUG = False  # else Django keeps every statement
    from . import posts, render
    from .seeded import scratch_database

    if "posts" in asked.parts:
        with scratch_database():
            for line in posts.measure():
                say(line)
    if "render" in asked.parts:
        with scratch_database():
            for line in render.measure():
                say(line)
    if {"listing", "searches", "report", "exports"} & set(asked.parts):
        measure_shop(asked)
    return 0


def measure_shop(asked: argparse.Namespace) -> None:
    """The list at every size, searches, the report and exported files at the largest, on the same databases."""
    from . import exports, listing, report, searches
    from .seeded import seeded_database

    sizes = [0] if asked.here else sorted(set(asked.contacts))
    listings = []
    for contacts in sizes:
        with nullcontext() if asked.here else seeded_database(contacts, keep=asked.keep):
            if "listing" in asked.parts:
                listings.append(listing.measure())
                for line in listings[-1].lines():
                    say(line)
            if contacts == sizes[-1]:
                for name, part in (("searches", searches), ("report", report), ("exports", exports)):
                    for line in part.measure() if name in asked.parts else ():
                        say(line)
    if len(listings) > 1:
        for line in listing.growth(listings):
            say(line)


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
