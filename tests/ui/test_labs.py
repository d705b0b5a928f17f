"""The labs: not that something moves, but that the phenomenon is there."""

from __future__ import annotations

import re
from typing import Any

from tests.ui.conftest import Visit


def test_home_learns_by_itself(visit: Visit) -> None:
    page = visit.goto("/")
    visit.until(lambda: visit.mark("step") >= 5)
    seq, step, loss = visit.mark("seq"), visit.mark("step"), _loss(page)
    visit.until(lambda: visit.mark("step") >= step + 150)
    assert visit.mark("seq") > seq + 20
    assert _loss(page) < loss - 0.01
    page.click("main >> text=Write this line")
    page.wait_for_selector(".cm-content")


def test_raw_units_stall_and_standardised_ones_do_not(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.select_option(".speed select", "10")
    visit.press("Play")
    visit.until(lambda: visit.mark("step") >= 60)
    assert 1900 < visit.value("mse") < 2200
    visit.press("Pause")

    page.click("text=standardised")
    visit.until(lambda: visit.mark("step") == 0)
    _slide_to(page, "lr", 0.3)
    for taken in range(1, 7):
        visit.press("Step")
        visit.until(lambda taken=taken: visit.mark("step") == taken)
    assert visit.value("mse") < 799


def test_a_guess_and_predictions_are_drawn_beside_what_happens(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    box = page.locator("[data-view=landscape] canvas").bounding_box()
    before = _pixels(page, "landscape")
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4)
    page.wait_for_selector("[data-value=error_of_guess]")
    assert _pixels(page, "landscape") != before

    before = _pixels(page, "error")
    page.fill("#predict-stalls", "500")
    page.press("#predict-stalls", "Enter")
    page.wait_for_selector(".toast")
    visit.until(lambda: _pixels(page, "error") != before)
    said = lambda view: page.locator(f"[data-view={view}] canvas").get_attribute("aria-label")
    visit.until(lambda: "your prediction 500" in said("error"))
    assert "to beat 799" in said("error")
    assert "Your guess is at" in said("landscape")


def test_what_was_predicted_is_there_at_the_next_visit_beside_what_came(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.fill("#predict-stalls", "123")
    page.press("#predict-stalls", "Enter")
    page.wait_for_selector("[data-prediction=stalls] >> text=You say 123")
    page.reload()
    page.wait_for_selector("[data-prediction=stalls] >> text=You say 123")
    page.select_option(".speed select", "10")
    visit.press("Play")
    page.wait_for_selector("[data-prediction=stalls] >> text=/it is 2.0../", timeout=60_000)


def test_the_line_can_be_dragged(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    box = page.locator("[data-view=houses] canvas").bounding_box()
    x, bottom = box["x"] + 0.7 * box["width"], box["y"] + box["height"] - 44
    page.mouse.move(x, bottom)
    page.mouse.down()  # at first the line is below the picture, and is taken at its edge
    for i in range(1, 9):
        page.mouse.move(x, bottom - i / 8 * 0.45 * box["height"])
    page.mouse.up()
    visit.until(lambda: 0.1 < visit.value("slope") < 0.25)
    assert visit.value("intercept") == 0
    assert visit.value("mse") < 10_000


def test_w_can_be_moved_by_keyboard_and_by_the_dot_on_the_landscape(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    error, guess = visit.value("mse"), page.locator("[data-value=error_of_guess]").all_inner_texts()
    slider = page.get_by_label("slope w")
    slider.focus()
    for _ in range(40):
        page.keyboard.press("ArrowRight")
    visit.until(lambda: 0.015 < visit.value("slope") < 0.03)
    visit.until(lambda: visit.value("mse") < error)

    canvas = page.locator("[data-view=landscape] canvas")
    box = canvas.bounding_box()
    at = {"left": 56, "top": 26, "width": box["width"] - 122, "height": box["height"] - 68}

    def place(w: float, b: float) -> tuple[float, float]:
        across, up = (w + 0.1) / 0.5, (b + 150) / 650
        return box["x"] + at["left"] + at["width"] * across, box["y"] + at["top"] + at["height"] * (1 - up)

    page.mouse.move(*place(visit.value("slope"), 0))
    page.mouse.down()
    page.mouse.move(*place(0.1, 100))
    page.mouse.move(*place(0.0585, 247))
    page.mouse.up()
    visit.until(lambda: visit.value("intercept") > 235)
    visit.until(lambda: visit.value("mse") < 799)
    assert page.locator("[data-value=error_of_guess]").all_inner_texts() == guess  # a drag is no guess


def test_too_high_a_rate_explodes_as_foretold(visit: Visit) -> None:
    page = visit.goto("/labs/downhill?lr=0.000001")
    visit.until(lambda: visit.mark("seq") >= 1)
    visit.press("Play")
    page.wait_for_selector(".toast.warning")
    assert "It explodes" in page.inner_text(".toast.warning")
    assert "above 2.35·10⁻⁷" in page.inner_text(".toast.warning")
    assert page.locator("[data-lab]").get_attribute("data-playing") == "false"


def test_a_small_network_learns_the_circle(visit: Visit) -> None:
    visit.goto("/labs/playground?lr=0.1")
    visit.until(lambda: visit.mark("seq") >= 1)
    visit.press("Play")
    visit.until(lambda: visit.value("test_loss") < 0.01 or visit.mark("step") >= 300, 90)
    assert visit.value("test_loss") < 0.01
    assert visit.mark("step") < 300


def test_the_address_remembers_the_parameters(visit: Visit) -> None:
    page = visit.goto("/labs/playground?data=xor&seed=3&lr=banana")
    visit.until(lambda: page.input_value("#param-data") == "xor")
    page.select_option("#param-data", "gauss")
    page.fill("#param-layers", "6")
    page.press("#param-layers", "Tab")
    visit.until(lambda: "layers=6" in page.url)
    assert "data=gauss" in page.url
    assert "seed=3" in page.url
    assert "lr" not in page.url
    page.reload()
    visit.until(lambda: page.input_value("#param-data") == "gauss")
    assert page.input_value("#param-layers") == "6"


def test_one_parameter_that_brings_another_is_remembered_with_it(visit: Visit) -> None:
    page = visit.goto("/labs/downhill")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.click("text=standardised")
    visit.until(lambda: "units=standardised" in page.url)
    visit.until(lambda: "lr=0.3" in page.url)


def test_the_sign_alone_and_the_test_points_are_switches(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.click("summary")
    before = _pixels(page, "plane")
    page.click("[data-param=show_test] input")
    visit.until(lambda: _pixels(page, "plane") != before)
    before, step = _pixels(page, "plane"), visit.mark("step")
    page.click("[data-param=discretise] input")
    visit.until(lambda: _pixels(page, "plane") != before)
    assert visit.mark("step") == step  # nothing begins anew for it
    visit.until(lambda: "show_test=1" in page.url)
    assert "discretise=1" in page.url


def test_the_past_can_be_looked_at(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    page.keyboard.press("Space")
    visit.until(lambda: visit.mark("step") >= 20)
    page.keyboard.press("Space")
    visit.until(lambda: page.locator("[data-lab]").get_attribute("data-playing") == "false")
    page.wait_for_timeout(300)
    now, loss = visit.mark("step"), visit.value("train_loss")
    page.locator(".scrub input").focus()
    page.keyboard.press("Home")
    visit.until(lambda: visit.mark("step") < now)
    assert visit.value("train_loss") > loss


def test_points_of_ones_own(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    rows = "\n".join(f"{x},{y},{1 if x * y > 0 else -1}" for x in (-3, -1, 1, 3) for y in (-2, 2))
    file = {"name": "own.csv", "mimeType": "text/csv", "buffer": f"x,y,label\n{rows}".encode()}
    page.set_input_files("input[type=file]", file)
    visit.until(lambda: "4 points" in page.locator("[data-view=plane] canvas").get_attribute("aria-label"))


def test_a_picture_can_be_kept(visit: Visit) -> None:
    page = visit.goto("/labs/playground")
    visit.until(lambda: visit.mark("seq") >= 1)
    with page.expect_download() as download:
        page.get_by_label(re.compile("Save the picture: The network")).click()
    assert download.value.suggested_filename == "playground-plane.png"
    assert download.value.path().read_bytes().startswith(b"\x89PNG")


def test_a_lab_comes_back_when_the_connection_does(visit: Visit) -> None:
    page = visit.page
    sockets: list[Any] = []
    page.route_web_socket("**/ws/labs/*", lambda socket: sockets.append((socket, socket.connect_to_server())))
    visit.goto("/labs/playground?data=xor")
    visit.until(lambda: visit.mark("seq") >= 1)
    sockets[0][0].close()
    page.wait_for_selector("text=reconnecting")
    visit.until(lambda: len(sockets) > 1)
    page.wait_for_selector("text=reconnecting", state="hidden")
    visit.until(lambda: page.input_value("#param-data") == "xor")


def test_less_motion_where_it_is_asked_for(visit: Visit) -> None:
    visit.page.emulate_media(reduced_motion="reduce")
    visit.goto("/")
    visit.until(lambda: visit.mark("seq") >= 2)
    seq = visit.mark("seq")
    visit.page.wait_for_timeout(2000)
    # Five frames a second are drawn; the server has at most two on the way, so it makes at most ten.
    assert 2 <= visit.mark("seq") - seq <= 22


def _loss(page: Any) -> float:
    return float(page.locator(".live b").nth(1).inner_text())


def _pixels(page: Any, view: str) -> str:
    return str(page.evaluate(f"document.querySelector('[data-view={view}] canvas').toDataURL()"))


def _slide_to(page: Any, name: str, value: float) -> None:
    """Move a logarithmic slider from 1e-9 to 10 to a value."""
    import math

    place = round(1000 * math.log(value / 1e-9) / math.log(10 / 1e-9))
    page.evaluate(
        """([name, place]) => {
            const slider = document.querySelector(`#param-${name}`);
            slider.value = place;
            slider.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        [name, place],
    )
    page.wait_for_timeout(400)
