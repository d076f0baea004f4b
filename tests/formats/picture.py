"""Takes the picture of the report that the README shows: picture.py CHROMIUM PAGE PICTURE."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM, PAGE, PICTURE = sys.argv[1:4]

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
    context = browser.new_context(viewport={"width": 1360, "height": 900}, device_scale_factor=1.25, color_scheme="light")
    page = context.new_page()
    page.goto(Path(PAGE).resolve().as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    # A gap, opened, beside the list that it belongs to.
    page.evaluate("() => document.querySelector('#map .tools').scrollIntoView({ behavior: 'instant' })")
    page.locator("#grid .cell[aria-label*='VeeamRdsBackup-Prod']").click()
    page.screenshot(path=PICTURE)
    browser.close()
