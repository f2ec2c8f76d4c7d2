"""Learning confidences: rising curves, logistic functions, and which of them is taken."""

import random
from collections.abc import Callable, Iterator, Sequence

import pytest

from chalicelib.domain.invoice import FieldName
from local.evaluation.calibrating import Sample, fit, fit_isotonic, fit_logistic
from local.evaluation.calibration import LEAST, MOST, Calibration
from local.evaluation.folds import folds_of
from local.evaluation.reliability import reliability

_NAMES = (FieldName.TOTAL, FieldName.ISSUE_DATE, FieldName.SUPPLIER_NAME)


def samples(
    count: int, chance: Callable[[Sequence[float]], float], seed: int = 1, names: Sequence[FieldName] = _NAMES
) -> list[Sample]:
    """Values of three features, right with a chance that depends on them, in 40 layouts."""
    return list(_samples(count, chance, random.Random(seed), names))


def _samples(
    count: int, chance: Callable[[Sequence[float]], float], dice: random.Random, names: Sequence[FieldName]
) -> Iterator[Sample]:
    for place in range(count):
        features = (dice.random(), dice.random(), float(dice.random() < 0.3))
        yield Sample(names[place % len(names)], features, dice.random() < chance(features), f"layout {place % 40}")


def test_an_isotonic_curve_never_falls() -> None:
    curve = fit_isotonic(samples(400, lambda features: features[0]))
    heights = [curve.probability((x / 100, 0, 0)) for x in range(101)]

    assert heights == sorted(heights)
    assert heights[5] < 0.3
    assert heights[95] > 0.7


def test_values_of_one_confidence_have_one_probability() -> None:
    held = [Sample(FieldName.TOTAL, (0.9,), place % 4 != 0, str(place)) for place in range(400)]

    assert fit_isotonic(held).probability((0.9,)) == pytest.approx(0.75)


def test_a_logistic_function_finds_what_matters() -> None:
    found = fit_logistic(samples(3000, lambda features: 0.95 if features[2] else 0.3))

    assert found.probability((0.5, 0.5, 1.0)) == pytest.approx(0.95, abs=0.03)
    assert found.probability((0.5, 0.5, 0.0)) == pytest.approx(0.3, abs=0.05)
    assert abs(found.weights[0]) < 0.4


def test_features_that_tell_all_do_not_make_it_certain() -> None:
    held = [Sample(FieldName.TOTAL, (float(place % 2),), place % 2 == 1, str(place)) for place in range(100)]

    assert 0 < fit_logistic(held).probability((0.0,)) < fit_logistic(held).probability((1.0,)) < 1


def test_what_was_learned_holds_on_layouts_it_was_not_learned_from() -> None:
    def chance(features: Sequence[float]) -> float:
        return 0.2 + 0.7 * features[0]

    calibration = fit(samples(2000, chance, seed=1), ("confidence", "b", "c"))
    fresh = samples(2000, chance, seed=2)
    values = [(calibration.apply(one.name, one.features), one.is_right) for one in fresh]

    found = reliability(values)

    assert found.calibration_error is not None
    assert found.calibration_error < 0.05


def test_the_same_samples_give_the_same_calibration_in_any_order() -> None:
    held = samples(300, lambda features: features[0])
    mixed = random.Random(5).sample(held, len(held))

    first, second = fit(held, "abc"), fit(mixed, "abc")

    assert first.groups.keys() == second.groups.keys()
    for one in held[:50]:
        assert first.apply(one.name, one.features) == pytest.approx(second.apply(one.name, one.features), abs=1e-3)


def test_a_group_that_is_quite_different_gets_a_map_of_its_own() -> None:
    amounts = samples(600, lambda features: features[0], names=[FieldName.TOTAL])
    dates = samples(600, lambda features: 1 - features[0], names=[FieldName.ISSUE_DATE])

    calibration = fit([*amounts, *dates], "abc")

    assert set(calibration.groups) == {"amounts", "dates", "rest"}
    assert calibration.apply(FieldName.TOTAL, (0.9, 0.5, 0.0)) > 0.7
    assert calibration.apply(FieldName.DUE_DATE, (0.9, 0.5, 0.0)) < 0.3


def test_a_group_that_is_like_the_others_learns_from_them() -> None:
    calibration = fit(samples(1500, lambda features: features[0]), "abc")

    assert set(calibration.groups) == {"rest"}


def test_a_field_with_few_errors_is_judged_like_the_rest() -> None:
    held = samples(300, lambda features: 0.5, names=[FieldName.TOTAL])
    rare = samples(14, lambda features: 0.0, names=[FieldName.IBAN])

    calibration = fit([*held, *rare], "abc")

    assert "identifiers" not in calibration.groups
    assert 0.2 < calibration.apply(FieldName.IBAN, (0.5, 0.5, 0.0)) < 0.8


def test_nothing_is_ever_certain() -> None:
    calibration = fit([Sample(FieldName.TOTAL, (0.5,), True, str(place)) for place in range(500)], ("confidence",))

    assert LEAST <= calibration.apply(FieldName.TOTAL, (1.0,)) <= MOST


def test_a_calibration_survives_json() -> None:
    calibration = fit(samples(200, lambda features: features[0]), "abc")

    assert Calibration.model_validate(calibration.to_json()) == calibration


def test_no_layout_is_in_two_folds_and_all_are_in_one() -> None:
    layouts = [f"layout {place % 7}" for place in range(50)] + ["large"] * 40

    folds = folds_of(layouts, 4)

    assert sum(len(fold) for fold in folds) == 8
    assert frozenset().union(*folds) == set(layouts)


def test_there_are_no_more_folds_than_layouts() -> None:
    assert folds_of(["only"], 5) == [frozenset({"only"})]
