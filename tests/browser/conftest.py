"""Tests in a headless Chromium, of the system (`chromium`, Debian's package)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


# No longer than a file: while Playwright runs, no other test of the process could start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """It skips, or fails where servers are required, if there is no Chromium."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("PRONOIA_REQUIRE_SERVERS"):
            pytest.fail("no chromium on PATH; scripts/install_servers.sh installs it", pytrace=False)
        pytest.skip("no chromium on PATH")
    with sync_playwright() as playwright:
        # No sandbox: tests may run as root, in containers.
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield running
        running.close()
