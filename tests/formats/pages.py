"""Pages in a real browser: what the drivers of both reports share."""

import time
import traceback
from pathlib import Path

from playwright.sync_api import sync_playwright


class Opened:
    """A page in a window of its own, which notes whatever goes wrong in it."""

    def __init__(self, browser, file, width=1440, height=900, scheme="light", fragment=None):
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.wrong = []
        self.asked = []
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        started = time.perf_counter()
        self.page.goto(Path(file).resolve().as_uri() + (f"#{fragment}" if fragment else ""))
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        # Ready is when the first frame is on the screen.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.seconds = time.perf_counter() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


def run(chromium, checks):
    """Checks one after the other, a line each; 1 if one of them fails."""
    failed = 0
    with sync_playwright() as playwright:
        # A container has no user namespaces for the sandbox, and little shared memory.
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for check in checks:
            try:
                check(browser)
                print(f"ok   {check.__name__}")
            except Exception:
                failed += 1
                print(f"FAIL {check.__name__}\n{traceback.format_exc(limit=-2)}")
        browser.close()
    return 1 if failed else 0
