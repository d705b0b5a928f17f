"""Every page: it fits its window, speaks to screen readers, keeps the theme, and can be reached by keyboard."""

from __future__ import annotations

import pytest

from tests.ui.conftest import WIDTHS, Visit

PLACES = (
    "/", "/exercises/00", "/labs/downhill", "/labs/playground", "/labs/digit", "/sections/networks",
    "/find-your-place", "/runs", "/show", "/no/such/place",
)  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_page_fits_every_window(visit: Visit, place: str) -> None:
    page = visit.goto(place)
    page.wait_for_selector("h1, h2")
    page.wait_for_timeout(700)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.wait_for_timeout(250)
        assert visit.overflow() == 0, width


@pytest.mark.parametrize("place", ["/", "/labs/downhill", "/labs/playground"])
def test_every_canvas_says_what_it_shows(visit: Visit, place: str) -> None:
    page = visit.goto(place)
    visit.until(lambda: visit.mark("seq") >= 1)
    page.wait_for_timeout(300)
    canvases = page.locator("figure:not([hidden]) canvas")
    assert canvases.count() >= 3
    for i in range(canvases.count()):
        assert canvases.nth(i).get_attribute("role") == "img"
        # A title alone is no summary: numbers belong to it.
        assert any(c.isdigit() for c in canvases.nth(i).get_attribute("aria-label"))


def test_the_theme_is_kept_and_set_before_the_first_paint(visit: Visit) -> None:
    page = visit.goto("/")
    background = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(background)
    page.get_by_label("Use the dark theme").click()
    dark = page.evaluate(background)
    assert dark != light
    page.route("**/assets/*.js", lambda route: route.abort())  # only what stands in the head can have set it
    page.reload()
    assert page.evaluate(background) == dark
    visit.trouble.clear()


def test_the_system_decides_until_somebody_does(visit: Visit) -> None:
    page = visit.goto("/")
    page.emulate_media(color_scheme="dark")
    assert page.get_by_label("Use the light theme").is_visible()


def test_the_command_palette_leads_to_a_lab_by_keyboard(visit: Visit) -> None:
    page = visit.goto("/")
    page.wait_for_selector("nav a[href='/labs/downhill']")
    page.keyboard.press("Control+k")
    page.keyboard.type("downh")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-lab=downhill]")
    assert page.url.endswith("/labs/downhill")
    page.go_back()
    page.wait_for_selector("[data-lab=home]")


def test_the_menu_is_a_drawer_on_a_phone(visit: Visit) -> None:
    page = visit.goto("/")
    page.set_viewport_size({"width": 360, "height": 760})
    link = page.locator("nav a[href='/labs/playground']")
    link.wait_for(state="hidden")
    page.get_by_label("Menu", exact=True).click()
    link.click()
    page.wait_for_selector("[data-lab=playground]")
    link.wait_for(state="hidden")


def test_an_address_that_leads_nowhere_says_so(visit: Visit) -> None:
    page = visit.goto("/no/such/place")
    assert "no page at this address" in page.inner_text("main")
    page.click("main a[href='/runs']")
    page.wait_for_selector("text=Train a recipe")


def test_show_my_network_says_what_to_write(visit: Visit) -> None:
    page = visit.goto("/")
    page.click("nav a[href='/show']")
    page.wait_for_selector("h1:has-text('Show my network')")
    assert page.locator("mark").count() == 6
    assert "studio.show(model, (x, y))" in page.inner_text("main")
