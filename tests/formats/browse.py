"""Opens exported pages in a real browser and uses them: browse.py CHROMIUM EXAMPLE HOSTILE MANY.

EXAMPLE is the page of the example account compared with a baseline, HOSTILE one with markup in every text that is anybody's
to write, MANY one of 5,000 principals. Prints one line a check and ends with 1 if one of them fails.
"""

import sys
import time
import traceback
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM, EXAMPLE, HOSTILE, MANY = sys.argv[1:5]
SECONDS_TO_OPEN = 2.0
MILLISECONDS_A_FRAME = 50
# Does a row of the map lie at the middle of the screen?
IS_COVERED = "() => document.elementFromPoint(innerWidth / 2, innerHeight / 2)?.closest('#grid .row') != null"

# Scrolls down the map, 300 pixels a frame, and tells how long each frame took, sorted.
SCROLL = """() => new Promise((done) => {
  const map = document.querySelector('.map'); map.scrollIntoView(); map.scrollTop = 0;
  const times = []; let last = performance.now(); let n = 0;
  const step = (now) => {
    times.push(now - last); last = now; map.scrollTop += 300; n += 1;
    if (n < 90) { requestAnimationFrame(step); } else { done(times.slice(2).sort((a, b) => a - b)); }
  };
  requestAnimationFrame(step);
})"""


class Page:
    """A page in a window of its own, which notes whatever goes wrong in it."""

    def __init__(self, browser, file, width=1440, height=900, scheme="light"):
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.wrong = []
        self.asked = []
        self.page.on("console", lambda message: self.wrong.append(message.text) if message.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"a dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.asked.append(request.url))
        started = time.perf_counter()
        self.page.goto(Path(file).resolve().as_uri())
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        # Ready is when the first frame with the map is on the screen.
        self.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        self.seconds = time.perf_counter() - started

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()

    def shown(self):
        return self.page.locator("#grid .row:not(.heads):visible").count()

    def focused(self):
        return self.page.evaluate("() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.innerText")


def the_page_loads_nothing_and_nothing_goes_wrong(browser):
    for file in (EXAMPLE, HOSTILE):
        with Page(browser, file) as opened:
            assert opened.wrong == [], opened.wrong
            assert len(opened.asked) == 1, opened.asked


def filters_and_search_narrow_the_map(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        everything = opened.shown()
        page.select_option("#judgement", "drifted")
        drifted = opened.shown()
        assert 0 < drifted < everything
        assert str(drifted) in page.inner_text("#status")
        page.click("#reset")
        assert opened.shown() == everything
        page.click("button.tile[data-judgement=undetermined]")
        assert page.get_attribute("button.tile[data-judgement=undetermined]", "aria-pressed") == "true"
        assert 0 < opened.shown() < everything
        page.click("#reset")
        name = page.locator("#grid .name b").first.inner_text()
        page.fill("#search", f"/{name.lower()}")
        page.wait_for_function("() => document.querySelectorAll('#grid .row:not(.heads):not([hidden])').length === 1")
        page.fill("#search", "no such thing anywhere")
        page.wait_for_selector("#nothing", state="visible")
        page.click("#reset-too")
        assert opened.shown() == everything
        page.locator("#causes button.link").first.click()
        assert 0 < opened.shown() < everything
        page.click("#reset")
        columns = page.locator("#grid .head").count()
        page.select_option("#set", index=1)
        assert page.locator("#grid .head").count() == 2 < columns, "one action set is one column"
        assert 0 < opened.shown() < everything


def the_search_finds_actions(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.locator("#grid .cell.drifted:text-matches('[0-9]')").first.click()
        action = page.locator("#sheet .actions code").first.inner_text()
        page.keyboard.press("Escape")
        page.fill("#search", action)
        page.wait_for_function(f"() => document.querySelector('#status').textContent.includes(' of ')")
        assert opened.shown() >= 1


def sorting_by_name_sorts(browser):
    with Page(browser, EXAMPLE) as opened:
        opened.page.select_option("#sort", "name")
        names = opened.page.locator("#grid .name b").all_inner_texts()
        assert [name.lower() for name in names] == sorted(name.lower() for name in names), names[:5]


def a_cell_opens_with_cause_impact_and_remedy(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.locator("#grid .cell.drifted:text-matches('[0-9]')").first.click()
        text = page.inner_text("#sheet")
        for expected in ("What breaks", "missing", "What to do", "arn:aws:iam::"):
            assert expected in text, f"{expected} is not in the sheet: {text}"
        page.get_by_role("button", name="Next", exact=True).click()
        assert page.inner_text("#sheet") != text
        page.get_by_role("button", name="Close").click()
        assert not page.locator("#sheet").is_visible()


def the_keyboard_is_enough(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.focus("#reset")
        page.keyboard.press("Tab")
        first = opened.focused()
        assert page.evaluate("() => document.activeElement.getAttribute('role')") == "rowheader", first
        page.keyboard.press("ArrowRight")
        cell = opened.focused()
        assert "drifted" in cell, cell
        page.keyboard.press("ArrowDown")
        assert opened.focused() != cell
        page.keyboard.press("Control+End")
        last = page.evaluate("() => document.activeElement.closest('.row').getAttribute('aria-rowindex')")
        assert last == page.get_attribute("#grid", "aria-rowcount"), last
        page.keyboard.press("Control+Home")
        page.keyboard.press("End")
        label = opened.focused()
        page.keyboard.press("Enter")
        assert page.locator("#sheet").is_visible()
        assert page.evaluate("() => document.activeElement.id") == "sheet-title"
        page.keyboard.press("Escape")
        assert not page.locator("#sheet").is_visible()
        assert opened.focused() == label, f"the focus is on {opened.focused()}, it was on {label}"
        page.keyboard.press("Shift+Tab")
        page.keyboard.press("Tab")
        assert opened.focused() == label, "the map is one tab stop"


def what_has_the_focus_is_in_sight(browser):
    with Page(browser, MANY) as opened:
        page = opened.page
        page.locator("#grid [tabindex='0']").focus()
        for key in ("Control+End", "PageUp", "ArrowUp", "ArrowUp", "PageUp", "PageUp", "ArrowRight", "End", "Home", "PageDown", "Control+Home", "End"):
            page.keyboard.press(key)
            seen = page.evaluate("""() => {
              const box = document.activeElement.getBoundingClientRect();
              return document.activeElement.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
            }""")
            assert seen, f"after {key} {opened.focused()} has the focus and is covered"


def a_screen_reader_hears_every_state(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        labels = page.locator("#grid [role=gridcell]").evaluate_all("cells => cells.map(cell => cell.getAttribute('aria-label'))")
        assert labels and all(any(word in label for word in ("drifted", "undetermined", "compliant")) for label in labels)
        orphans = page.evaluate("() => [...document.querySelectorAll('input, select, button')].filter(one => one.offsetParent && !(one.labels?.length || one.textContent.trim())).length")
        assert orphans == 0, f"{orphans} controls without a name"
        bad = page.evaluate("() => [...document.querySelectorAll('[aria-labelledby], [aria-describedby]')].flatMap(one => [one.getAttribute('aria-labelledby'), one.getAttribute('aria-describedby')]).filter(id => id && id !== 'sheet-title' && !document.getElementById(id))")
        assert bad == [], bad


def what_changed_since_the_baseline_is_told(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        assert page.locator("#since-list").is_visible()
        page.select_option("#since", "changed")
        assert opened.shown() >= 1


def coverage_tells_what_was_not_known(browser):
    with Page(browser, EXAMPLE) as opened:
        text = opened.page.inner_text("#coverage")
        assert "Not known" in text and "nobody checked it" in text, text


def paper_has_everything_and_no_controls(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.emulate_media(media="print")
        page.wait_for_selector("#cases .case")
        assert not page.locator(".tools").is_visible()
        drifted = page.evaluate("() => document.querySelectorAll('#grid .cell.drifted, #grid .cell.undetermined').length")
        assert page.locator("#cases .case").count() == drifted
        assert "What to do" in page.inner_text("#cases")
        assert page.locator("#causes li button:text-matches('Show .* more')").count() == 0
        assert len(page.pdf()) > 10_000


def no_width_makes_the_page_scroll_sideways(browser):
    for width in (320, 390, 900, 1440):
        with Page(browser, EXAMPLE, width=width) as opened:
            wide = opened.page.evaluate("() => document.documentElement.scrollWidth")
            assert wide <= width, f"{wide} at {width}"


def text_has_enough_contrast_in_light_and_dark(browser):
    # WCAG 2, for the texts in front of plain grounds.
    script = """() => {
      const parse = (text) => { const m = text.match(/[\\d.]+/g).map(Number); return { rgb: m.slice(0, 3), a: m[3] ?? 1 }; };
      const light = (rgb) => { const [r, g, b] = rgb.map((v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
      const ground = (element) => { for (let at = element; at; at = at.parentElement) { const style = getComputedStyle(at); const c = parse(style.backgroundColor); if (c.a === 1) return c.rgb; } return [255, 255, 255]; };
      const bad = new Set();
      for (const element of document.querySelectorAll('.cell, .badge, .tile span, .more, .status, .when, .name b, .name small, .head span, .hint, label, .legend li, .lead')) {
        if (element.classList.contains('dim') || element.classList.contains('muted') || !element.offsetParent || !element.textContent.trim()) continue;
        const a = light(parse(getComputedStyle(element).color).rgb); const b = light(ground(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const large = parseFloat(getComputedStyle(element).fontSize) >= 18.66;
        if (ratio < (large ? 3 : 4.5)) bad.add(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
      }
      return [...bad];
    }"""
    for scheme in ("light", "dark"):
        with Page(browser, EXAMPLE, scheme=scheme) as opened:
            bad = opened.page.evaluate(script)
            assert bad == [], f"{scheme}: {bad}"


def foreign_text_stays_text(browser):
    with Page(browser, HOSTILE) as opened:
        page = opened.page
        assert page.evaluate("() => window.ranForeignText") is None
        assert page.locator("#grid img, #grid script, main img, main iframe").count() == 0
        assert page.evaluate("() => document.scripts.length") == 2
        for cell in page.locator("#grid .cell").all()[:20]:
            cell.click()
            assert page.locator("#sheet img, #sheet script, #sheet a").count() == 0
            page.keyboard.press("Escape")
        assert "<script>" in page.inner_text("main") or "<img" in page.inner_text("main"), "the hostile names are not on the page at all"
        assert opened.wrong == [], opened.wrong
        ran = page.evaluate("""() => {
          const script = document.createElement('script'); script.textContent = 'window.ranForeignText = 1';
          document.body.append(script); return window.ranForeignText;
        }""")
        assert ran is None, "the policy of the page lets a foreign script run"


def five_thousand_principals_open_in_time_and_scroll(browser):
    # The best of some tries counts: other tests use the same machine.
    seconds = []
    while len(seconds) < 6 and min(seconds, default=9) >= SECONDS_TO_OPEN:
        with Page(browser, MANY) as opened:
            seconds.append(opened.seconds)
    print(f"  open in {min(seconds):.2f} s")
    assert min(seconds) < SECONDS_TO_OPEN, f"{seconds} s"
    with Page(browser, MANY) as opened:
        page = opened.page
        assert page.get_attribute("#grid", "aria-rowcount") == "5001"
        middles = []
        while len(middles) < 4 and min(middles, default=999) >= MILLISECONDS_A_FRAME:
            frames = page.evaluate(SCROLL)
            middles.append(frames[len(frames) // 2])
            print(f"  scrolling: a frame in {middles[-1]:.1f} ms, 95 of 100 within {frames[int(len(frames) * 0.95)]:.1f} ms")
        assert min(middles) < MILLISECONDS_A_FRAME, f"half of the frames take more than {middles} ms"
        started = time.perf_counter()
        page.select_option("#judgement", "drifted")
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        seconds = time.perf_counter() - started
        print(f"  a filter: {seconds:.2f} s")
        assert seconds < 1, f"a filter takes {seconds:.2f} s"


def rows_are_there_wherever_one_scrolls_or_walks(browser):
    for width in (390, 1440):
        with Page(browser, MANY, width=width) as opened:
            page = opened.page
            page.evaluate("() => document.querySelector('#map .map').scrollIntoView()")
            for _ in range(12):
                page.mouse.move(width / 2, 500)
                page.mouse.wheel(0, 2500)
                page.wait_for_function(IS_COVERED)
            page.locator("#grid [tabindex='0']").focus()
            page.keyboard.press("Control+End")
            last = page.evaluate("() => document.activeElement.closest('.row').getAttribute('aria-rowindex')")
            assert last == "5001", last
            page.wait_for_function(IS_COVERED)
            there = page.locator("#grid .row").count()
            assert there < 1000, f"{there} of 5000 rows stand in the page"


def paper_has_all_of_many(browser):
    with Page(browser, MANY) as opened:
        page = opened.page
        page.emulate_media(media="print")
        page.wait_for_selector("#cases .case")
        assert page.locator("#grid .row:not(.heads)").count() == 5000
        assert "which the page on the screen holds" in page.inner_text("#cases")
        page.emulate_media(media="screen")
        page.select_option("#judgement", "drifted")
        assert page.locator("#grid .row").count() < 1000


CHECKS = [
    the_page_loads_nothing_and_nothing_goes_wrong,
    filters_and_search_narrow_the_map,
    the_search_finds_actions,
    sorting_by_name_sorts,
    a_cell_opens_with_cause_impact_and_remedy,
    the_keyboard_is_enough,
    what_has_the_focus_is_in_sight,
    a_screen_reader_hears_every_state,
    what_changed_since_the_baseline_is_told,
    coverage_tells_what_was_not_known,
    paper_has_everything_and_no_controls,
    no_width_makes_the_page_scroll_sideways,
    text_has_enough_contrast_in_light_and_dark,
    foreign_text_stays_text,
    five_thousand_principals_open_in_time_and_scroll,
    rows_are_there_wherever_one_scrolls_or_walks,
    paper_has_all_of_many,
]


def main():
    failed = 0
    with sync_playwright() as playwright:
        # A container has no user namespaces for the sandbox, and little shared memory.
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        for check in CHECKS:
            try:
                check(browser)
                print(f"ok   {check.__name__}")
            except Exception:
                failed += 1
                print(f"FAIL {check.__name__}\n{traceback.format_exc(limit=-2)}")
        browser.close()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
