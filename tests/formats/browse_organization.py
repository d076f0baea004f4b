"""Opens the report of an organisation in a real browser and uses it: browse_organization.py CHROMIUM SMALL HOSTILE MANY.

SMALL is the organisation of tests/cli/cases, HOSTILE has markup in every text that is anybody's to write, MANY has 1,000 accounts of 20
principals. Prints one line a check and ends with 1 if one of them fails.
"""

import sys
import time
from pathlib import Path

from pages import Opened, run

CHROMIUM, SMALL, HOSTILE, MANY = sys.argv[1:5]
SECONDS_TO_OPEN = 2.0
SECONDS_TO_SEARCH = 2.0


class Page(Opened):
    """A report."""

    def shown(self):
        return self.page.locator("#rows > .account").count()

    def search(self, text, expected):
        self.page.fill("#search", text)
        self.page.wait_for_function(f"() => document.querySelectorAll('#rows > .account').length === {expected}", timeout=10_000)


def nothing_is_loaded_and_nothing_goes_wrong(browser):
    for file in (SMALL, HOSTILE):
        with Page(browser, file) as opened:
            for account in opened.page.locator("#rows > .account").all():
                account.locator("summary").click()
            assert opened.wrong == [], opened.wrong
            assert len(opened.asked) == 1, opened.asked


def accounts_come_worst_first_and_all_are_there(browser):
    with Page(browser, SMALL) as opened:
        badges = opened.page.locator("#rows > .account > summary > .badge:first-child").all_inner_texts()
        assert badges == ["drifted", "drifted", "not audited", "compliant (not all checked)", "nobody bound"], badges
        tiles = opened.page.locator("button.tile").all_inner_texts()
        numbers = [int(tile.split("\n")[0].lstrip("✕!?✓–")) for tile in tiles]
        assert sum(numbers) == opened.shown() == 5, tiles


def what_was_not_audited_is_never_called_compliant(browser):
    with Page(browser, SMALL, fragment="account/888877776666") as opened:
        row = opened.page.locator("[data-account='888877776666']")
        assert row.get_attribute("open") is not None, "the link opens it"
        text = row.inner_text()
        assert "not audited" in text and "compliant" not in text.lower(), text
        assert "1 account was not audited" in opened.page.inner_text(".sum")


def filters_narrow_the_list(browser):
    with Page(browser, SMALL) as opened:
        page = opened.page
        page.click("button.tile[data-standing=drifted]")
        assert opened.shown() == 2 and "2 of 5 accounts" in page.inner_text("#status")
        page.click("#reset")
        page.select_option("#standing", "not-audited")
        assert opened.shown() == 1
        page.click("#reset")
        page.select_option("#below", "ou-ab12-test0001")
        assert opened.shown() == 2
        page.click("#reset")
        page.locator("#causes button.link").click()
        assert opened.shown() == 2 and "one cause" in page.inner_text("#status")
        page.click("#reset")
        assert opened.shown() == 5


def the_search_finds_what_lies_in_accounts(browser):
    with Page(browser, SMALL) as opened:
        for text, expected in (
            ("prod-rome", 1),
            ("444455556666", 1),
            ("copyparis", 1),
            ("acme-nightly-copy", 3),
            ("missing-actions", 2),
            ("NoWrites", 2),
            ("no snapshot", 1),
            ("no such thing", 0),
        ):
            opened.search(text, expected)
        assert opened.page.is_visible("#nothing")
        opened.search("copyparis", 1)
        opened.page.locator("#rows > .account > summary").click()
        found = opened.page.inner_text("#rows .found")
        assert "CopyParis" in found and "CopyBerlin" not in found and "1 other does not match" in found, found


def an_account_opens_with_cause_and_remedy(browser):
    with Page(browser, SMALL) as opened:
        opened.page.locator("#rows > .account > summary").first.click()
        found = opened.page.inner_text("#rows .found")
        for text in ("CopyBerlin", "p-readonly, statement NoWrites", "What to do", "Checked:", "111122223333.json", "missing-actions"):
            assert text in found, f"{text}: {found}"


def the_keyboard_is_enough(browser):
    with Page(browser, SMALL) as opened:
        opened.page.locator("#rows > .account > summary").first.focus()
        opened.page.keyboard.press("Enter")
        opened.page.wait_for_selector("#rows .found")
        opened.page.keyboard.press("Enter")
        opened.page.wait_for_selector("#rows .found", state="detached")


def foreign_text_stays_text(browser):
    with Page(browser, HOSTILE) as opened:
        for account in opened.page.locator("#rows > .account > summary").all():
            account.click()
        opened.page.wait_for_timeout(200)
        assert opened.page.evaluate("() => window.ranForeignText") is None
        assert opened.page.locator("#rows img, #rows script").count() == 0
        assert "<script>" in opened.page.inner_text("#rows")


def no_width_makes_the_page_scroll_sideways(browser):
    for file in (SMALL, HOSTILE):
        for width in (320, 700, 1440):
            with Page(browser, file, width=width) as opened:
                opened.page.locator("#rows > .account > summary").first.click()
                wide = opened.page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, f"{width}: {wide} pixels too wide"


def a_thousand_accounts_open_in_time(browser):
    with Page(browser, MANY) as opened:
        print(f"     opened in {opened.seconds:.2f} s, {Path(MANY).stat().st_size / 1e6:.1f} MB")
        assert opened.shown() == 1000
        assert opened.seconds < SECONDS_TO_OPEN, f"{opened.seconds:.2f} s"
        assert opened.wrong == [], opened.wrong
        started = time.perf_counter()
        opened.search("no such thing anywhere", 0)
        seconds = time.perf_counter() - started
        print(f"     searched in {seconds:.2f} s")
        assert seconds < SECONDS_TO_SEARCH, f"{seconds:.2f} s"


CHECKS = [
    nothing_is_loaded_and_nothing_goes_wrong,
    accounts_come_worst_first_and_all_are_there,
    what_was_not_audited_is_never_called_compliant,
    filters_narrow_the_list,
    the_search_finds_what_lies_in_accounts,
    an_account_opens_with_cause_and_remedy,
    the_keyboard_is_enough,
    foreign_text_stays_text,
    no_width_makes_the_page_scroll_sideways,
    a_thousand_accounts_open_in_time,
]


if __name__ == "__main__":
    sys.exit(run(CHROMIUM, CHECKS))
