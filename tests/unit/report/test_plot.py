import math
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from bot.domain.evidence import Decision, Interval
from bot.report.plot import ratios, strip, svg
from tests.fakes.reports import HOSTILE, comparison

NAMESPACE = "{http://www.w3.org/2000/svg}"
CASES = {
    "gain": comparison(),
    "loss": comparison(ratio=0.8, decision=Decision.SLOWER),
    "equal": comparison(ratio=1.0, decision=Decision.EQUIVALENT),
    "huge": comparison(ratio=5000.0),
    "tiny": comparison(ratio=1.0003),
    "one sample": comparison(pairs=1),
    "no sample": comparison(pairs=0),
    "many": comparison(pairs=600),
    "not finite": replace(comparison(), samples=(math.nan, math.inf, 0.1)),
    "open interval": replace(comparison(), ratio=Interval(1.2, 0.0, math.inf)),
    "hostile": comparison(HOSTILE),
}


@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_well_formed_labelled_and_inside_its_frame(name):
    given = CASES[name]
    root = ET.fromstring(str(svg(given, 0.99, "p1")))  # noqa: S314 - our own text
    width, height = float(root.get("width")), float(root.get("height"))
    assert root.find(f"{NAMESPACE}title").text
    assert "interval from" in root.find(f"{NAMESPACE}desc").text
    assert root.get("aria-labelledby") == "p1-title p1-desc"
    dots = root.findall(f"{NAMESPACE}circle")
    assert len(dots) == len(ratios(given))
    for dot in dots:
        assert 0 <= float(dot.get("cx")) <= width
        assert 0 <= float(dot.get("cy")) <= height
    band = root.find(f"{NAMESPACE}rect")
    assert 0 <= float(band.get("x")) <= float(band.get("x")) + float(band.get("width")) <= width


def test_dots_stand_at_their_ratio_and_the_line_at_one():
    given = replace(comparison(pairs=0), samples=(-math.log(1.2), -math.log(1.4)), ratio=Interval(1.3, 1.2, 1.4))
    root = ET.fromstring(str(svg(given, 0.99, "p")))  # noqa: S314 - our own text
    low, high = sorted(float(dot.get("cx")) for dot in root.findall(f"{NAMESPACE}circle"))
    band = root.find(f"{NAMESPACE}rect")
    equal = next(line for line in root.findall(f"{NAMESPACE}line") if line.get("class") == "hl-equal")
    assert float(band.get("x")) == pytest.approx(low, abs=0.2)
    assert float(band.get("x")) + float(band.get("width")) == pytest.approx(high, abs=0.2)
    assert float(equal.get("x1")) < low


def test_colours_follow_the_reader_and_nothing_is_loaded():
    text = str(svg(comparison(), 0.99, "p"))
    assert "prefers-color-scheme:dark" in text
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("name", CASES)
def test_the_same_picture_as_text(name):
    bars, axis, ends = strip(CASES[name], 40).split("\n")
    assert len(bars) <= len(axis) == len(ends) == 40
    assert "◆" in axis
