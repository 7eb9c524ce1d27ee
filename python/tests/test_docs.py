"""The programs of the documents run."""

import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = [ROOT / "docs" / "python.md", ROOT / "python" / "README.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_programs_run(page):
    programs = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.S)
    assert programs
    for program in programs:
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=300, env=os.environ)
        assert done.returncode == 0, done.stderr
        assert "reduced" in done.stdout
