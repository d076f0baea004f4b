"""Opens exported pages in a real browser and uses them: browse.py CHROMIUM EXAMPLE HOSTILE MANY.

EXAMPLE is the page of the example account compared with a baseline, HOSTILE one with markup in every text that is anybody's
to write, MANY one of 5,000 principals. Prints one line a check and ends with 1 if one of them fails.
"""

import re
import shlex
import sys
import time

from pages import Opened, run

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


class Page(Opened):
    """A report."""

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
        page.locator("#grid .cell.drifted .box:text-matches('[0-9]')").first.click()
        action = page.locator("#sheet .actions code").first.inner_text()
        page.keyboard.press("Escape")
        page.fill("#search", action)
        page.wait_for_function(f"() => document.querySelector('#status').textContent.includes(' of ')")
        assert opened.shown() >= 1


def the_search_finds_everything_on_the_page(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        code = page.locator("#others code").first.inner_text()
        for text, lists in (
            ("veeam-glacier", ("others", "coverage")),  # bound, without a requirement
            ("VeeamBackupRole-old", ("others", "coverage")),  # bound to nothing
            ("veeam:action-sets", ("others",)),  # a tag
            ("unknown-action-set", ("others",)),  # a finding's code
            (code.split()[1], ("others", "since-list")),  # a finding's id
            ("NobodyDeletesSnapshots", ("causes",)),
            ("the access keys of user hamburg were not read", ("since-list",)),
            ("cannot be read", ("coverage",)),
        ):
            page.fill("#search", text)
            page.wait_for_timeout(200)
            for name in ("causes", "since-list", "others", "coverage"):
                entries = page.locator(f"#{name} .list > li:not(.nothing):not(.rest)")
                if name in lists:
                    assert entries.count() > 0, f"{text} is not found in {name}"
                    if name != "causes":
                        assert all(text.lower() in entry.lower() or name == "since-list" for entry in entries.all_inner_texts()), f"{text}: {name}"
                    assert page.locator(f"#status a[href='#{name}']").count() == 1, f"{text}: {name} is not counted"
        for code in ("missing-actions", "missing-trust", "missing-instance-profile"):
            page.fill("#search", code)
            page.wait_for_timeout(200)
            assert 0 < opened.shown() < 36, code
        page.click("#reset")
        everything = page.locator("#causes .list > li").count()
        page.select_option("#judgement", "undetermined")
        causes = page.locator("#causes .list > li .badge").all_inner_texts()
        assert causes and all("unknown" in cause for cause in causes), causes
        page.select_option("#judgement", "compliant")
        assert "Nothing of these" in page.inner_text("#causes")
        assert "veeam-agents" in page.inner_text("#others") and "VeeamBackupRole-old" not in page.inner_text("#others")
        page.click("#reset")
        assert page.locator("#causes .list > li").count() == everything


def what_is_sparse_is_a_list_and_the_map_is_a_click_away(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        assert page.locator("#view-why").is_visible(), "why it is a list is told"
        assert not page.locator("#grid .heads").is_visible()
        assert "24 of 453 missing" in page.locator("#grid .cell .note:visible").first.inner_text()
        page.focus("button[data-view=list]")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.get_attribute("button[data-view=map]", "aria-pressed") == "true"
        assert page.locator("#grid .heads").is_visible()
        assert page.locator("#grid .cell .note:visible").count() == 0
        page.click("button[data-view=list]")
        assert not page.locator("#grid .heads").is_visible()
    with Page(browser, EXAMPLE, width=390) as opened:
        assert not opened.page.locator(".views").is_visible(), "a narrow screen has one view"


def arrows_walk_the_list_line_by_line(browser):
    with Page(browser, MANY) as opened:
        page = opened.page
        page.click("button[data-view=list]")
        page.locator("#grid [tabindex='0']").focus()
        page.keyboard.press("ArrowRight")
        tops = []
        for _ in range(8):
            tops.append(page.evaluate("() => { const box = document.activeElement.getBoundingClientRect(); return box.top + document.querySelector('.map').scrollTop + scrollY; }"))
            page.keyboard.press("ArrowDown")
        assert tops == sorted(set(tops)), tops
        page.keyboard.press("ArrowLeft")
        assert page.evaluate("() => document.activeElement.getAttribute('role')") == "rowheader"


def what_can_be_copied_is_on_the_clipboard(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        copied = lambda: page.evaluate("() => navigator.clipboard.readText()")
        page.locator("#grid .cell[aria-label*='VeeamBackupRestore-Dev']").click()
        page.locator("#sheet .arn .copy").click()
        page.wait_for_selector("#sheet button:text('Copied')")
        arn = copied()
        assert arn == "arn:aws:iam::111122223333:role/VeeamBackupRestore-Dev", arn
        page.locator("#sheet .command .copy").click()
        page.wait_for_selector("#sheet .command button:text('Copied')")
        command = copied()
        assert command.startswith(f"permdrift fix {arn} --action-set vbaws-role-default-backup-restore --auth-details examples/account.json"), command
        assert command.endswith("--settings examples/settings.toml") and command.count("--scp") == 2, command


def a_link_opens_what_it_names(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        opened.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.locator("#grid .cell[aria-label*='VeeamVpcBackup']").click()
        links = []
        for button in page.locator("#sheet button:text('Copy link')").all():
            button.click()
            page.wait_for_timeout(100)
            links.append(page.evaluate("() => navigator.clipboard.readText()"))
        page.keyboard.press("Escape")
        page.fill("#search", "veeam-test")
        page.wait_for_timeout(200)
        page.locator("#others button:text('Copy link')").click()
        page.wait_for_timeout(100)
        other = page.evaluate("() => navigator.clipboard.readText()")
    assert len(links) == 2 and "#requirement/" in links[0] and "#finding/" in links[1], links
    for link in links:
        with Page(browser, EXAMPLE, fragment=link.split("#")[1]) as opened:
            text = opened.page.inner_text("#sheet")
            assert "VeeamVpcBackup" in text and "6 actions missing" in text, text
            opened.page.keyboard.press("Escape")
            assert "VeeamVpcBackup" in opened.focused()
    with Page(browser, EXAMPLE, fragment=other.split("#")[1]) as opened:
        assert "veeam-test" in opened.focused(), opened.focused()
    for fragment in ("finding/0000000000000000", "requirement/%E0%A4%A/x", "principal/nobody"):
        with Page(browser, EXAMPLE, fragment=fragment) as opened:
            assert opened.page.locator("#no-such").is_visible(), fragment
            assert opened.wrong == [], opened.wrong


def a_change_since_the_baseline_opens_what_it_is_about(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        change = page.locator("#since-list button:text('user veeam-restore-ec2 lacks')")
        change.click()
        assert "2 actions missing" in page.inner_text("#sheet")
        page.keyboard.press("Escape")
        assert "veeam-restore-ec2 lacks" in opened.focused(), "the focus is back on the change"
        page.locator("#since-list button:text('access keys of user veeam-agents: none')").click()
        assert "Veeam cannot log in" in opened.focused(), opened.focused()


def the_page_says_where_its_data_came_from(browser):
    with Page(browser, EXAMPLE) as opened:
        text = opened.page.inner_text("header")
        for expected in ("Read from examples/account.json", "permdrift's own simulator", "For product versions v10 and v11"):
            assert expected in text, text


def numbers_that_differ_are_explained(browser):
    with Page(browser, EXAMPLE) as opened:
        for place in ("#map", "#coverage", ".tiles"):
            text = opened.page.inner_text(place)
            assert "37" in text and "36" in text, f"{place}: {text}"
        for place in ("#map", "#coverage"):
            assert "veeam-glacier" in opened.page.inner_text(place), place


def a_command_is_safe_in_a_shell_whatever_the_name(browser):
    with Page(browser, HOSTILE) as opened:
        page = opened.page
        for cell in page.locator("#grid .cell.drifted").all():
            cell.click()
            for command in page.locator("#sheet .command code").all_inner_texts():
                words = shlex.split(command)
                assert words[:2] == ["permdrift", "fix"] and words[2].startswith("arn:aws:iam::") and words[3] == "--action-set", words
                assert not set(";&|$`<>(){}") & set(re.sub(r"'[^']*'", "", command)), command
            page.keyboard.press("Escape")


def sorting_by_name_sorts(browser):
    with Page(browser, EXAMPLE) as opened:
        opened.page.select_option("#sort", "name")
        names = opened.page.locator("#grid .name b").all_inner_texts()
        assert [name.lower() for name in names] == sorted(name.lower() for name in names), names[:5]


def a_cell_opens_with_cause_impact_and_remedy(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.locator("#grid .cell.drifted .box:text-matches('[0-9]')").first.click()
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
        assert "Not known" in text and "so it was not checked" in text, text


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
      for (const element of document.querySelectorAll('.box, .set, .note, .badge, button, .command code, .tile span, .more, .status, .when, .name b, .name small, .head span, .hint, label, .legend li, .lead')) {
        if (element.closest('.dim, .muted') || element.disabled || !element.offsetParent || !element.textContent.trim()) continue;
        const a = light(parse(getComputedStyle(element).color).rgb); const b = light(ground(element));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        const large = parseFloat(getComputedStyle(element).fontSize) >= 18.66;
        if (ratio < (large ? 3 : 4.5)) bad.add(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
      }
      return [...bad];
    }"""
    for scheme in ("light", "dark"):
        with Page(browser, EXAMPLE, scheme=scheme) as opened:
            for view in ("list", "map"):
                opened.page.click(f"button[data-view={view}]")
                bad = opened.page.evaluate(script)
                assert bad == [], f"{scheme}, {view}: {bad}"
            opened.page.locator("#grid .cell.drifted").first.click()
            bad = opened.page.evaluate(script)
            assert bad == [], f"{scheme}, opened: {bad}"


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


def no_heading_ends_a_sheet_of_paper(browser):
    with Page(browser, EXAMPLE) as opened:
        page = opened.page
        page.emulate_media(media="print")
        page.wait_for_selector("#cases .case")
        torn = page.evaluate("""() => {
          const style = (property, value) => (element) => getComputedStyle(element)[property] !== value;
          const all = (selector) => [...document.querySelectorAll(selector)].filter((one) => one.offsetParent);
          return [
            ...all('h2, h3, h4, .case .arn, .case .set, .case .marks, .case .about').filter(style('breakAfter', 'avoid')),
            ...all('.case .ids, .case .do').filter(style('breakBefore', 'avoid')),
            ...all('.case, .case .do, .case li, .list > li, #grid .row').filter(style('breakInside', 'avoid')),
          ].map((element) => `${element.tagName} ${element.className}`);
        }""")
        assert torn == [], sorted(set(torn))
        assert page.locator(".copier:visible").count() == 0
        assert "permdrift fix arn:" in page.inner_text("#cases")


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
    the_search_finds_everything_on_the_page,
    what_is_sparse_is_a_list_and_the_map_is_a_click_away,
    arrows_walk_the_list_line_by_line,
    what_can_be_copied_is_on_the_clipboard,
    a_link_opens_what_it_names,
    a_change_since_the_baseline_opens_what_it_is_about,
    the_page_says_where_its_data_came_from,
    numbers_that_differ_are_explained,
    a_command_is_safe_in_a_shell_whatever_the_name,
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
    no_heading_ends_a_sheet_of_paper,
    paper_has_all_of_many,
]


if __name__ == "__main__":
    sys.exit(run(CHROMIUM, CHECKS))
