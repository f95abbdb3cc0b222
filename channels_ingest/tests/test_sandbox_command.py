"""`manage.py platform_sandbox` prints its address alone, serves the people of its file, stops at once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import requests

from .corpus import REPOSITORY

COMMAND = [sys.executable, "manage.py", "platform_sandbox", "--port"]
ENVIRONMENT = {**os.environ, "DEBUG": "1"}  # the sandbox needs no secret key of its own


def test_runs_until_it_is_told_to_stop(tmp_path: Path) -> None:
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"people": {"line": {"Uf1": {"name": "ฝน"}}}}), "utf-8")
    with subprocess.Popen(
        [*COMMAND, "0", "--people", str(people)],
        env=ENVIRONMENT,
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip()
            headers = {"Authorization": "Bearer t"}
            answer = requests.get(f"{url}/v2/bot/profile/Uf1", headers=headers, timeout=5)
            assert answer.json()["displayName"] == "ฝน"
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def test_taken_port_and_unreadable_file_are_one_clear_line(tmp_path: Path) -> None:
    for arguments in (["999999"], ["0", "--people", str(tmp_path / "missing.json")]):
        done = subprocess.run(
            [*COMMAND, *arguments],
            env=ENVIRONMENT,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=30,
        )
        assert done.returncode == 1
        assert "The sandbox cannot start:" in done.stderr.strip().splitlines()[-1]
