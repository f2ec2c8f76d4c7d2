"""Calibration error, Brier score, AUROC, and their plot."""

import random
from xml.etree import ElementTree as ET

import pytest

from local.evaluation.plot import reliability_plot
from local.evaluation.reliability import reliability


def test_confidences_that_are_probabilities_have_hardly_any_calibration_error() -> None:
    dice = random.Random(7)
    values = [(p, dice.random() < p) for p in (dice.random() for _ in range(20_000))]

    assert reliability(values).calibration_error == pytest.approx(0, abs=0.02)


def test_who_is_always_sure_and_half_right_is_off_by_a_half() -> None:
    found = reliability([(1.0, True), (1.0, False)])

    assert (found.calibration_error, found.brier, found.auroc) == (0.5, 0.5, 0.5)


def test_wrong_values_below_all_right_ones_are_told_apart_fully() -> None:
    assert reliability([(0.4, False), (0.6, True), (0.7, True)]).auroc == 1.0
    assert reliability([(0.8, False), (0.6, True), (0.7, True)]).auroc == 0.0


def test_without_errors_there_is_nothing_to_tell_apart() -> None:
    assert reliability([(0.9, True)]).auroc is None
    assert reliability([]).calibration_error is None


def test_the_bins_hold_every_value_once_and_1_is_in_the_last() -> None:
    found = reliability([(0.0, False), (0.05, False), (0.1, True), (1.0, True)])

    assert [(one.low, one.values) for one in found.bins] == [(0.0, 2), (0.1, 1), (0.9, 1)]


def test_the_plot_is_svg_with_a_dot_for_each_bin() -> None:
    root = ET.fromstring(reliability_plot(reliability([(0.15, False), (0.95, True), (0.97, True)])))

    assert len(root.findall(".//{http://www.w3.org/2000/svg}circle")) == 2


def test_the_plot_of_nothing_is_still_a_plot() -> None:
    assert ET.fromstring(reliability_plot(reliability([]))).tag.endswith("svg")
