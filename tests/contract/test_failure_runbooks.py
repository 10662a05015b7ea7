"""What the predictions recommend stands in the runbooks, word by word."""

from pathlib import Path

import pytest

from pronoia.models.failure.actions import recommended_actions

RUNBOOKS = Path(__file__).parents[2] / "rules" / "runbooks"
PAGES = {
    "oom": "failure-oom.md",
    "disk_full": "failure-disk-full.md",
    "network_timeout": "failure-network-timeout.md",
    "own": "failure.md",
}


@pytest.mark.parametrize(("failure", "page"), PAGES.items())
def test_every_recommended_action_is_in_the_runbook(failure, page):
    text = (RUNBOOKS / page).read_text(encoding="utf-8")
    for heading in ("### Meaning", "### How to check", "### What to do"):
        assert heading in text
    for action in recommended_actions(failure):
        assert action in text
