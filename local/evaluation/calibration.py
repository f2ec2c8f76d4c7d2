"""A calibration: from the features of a value to the probability that it is right. Data, that JSON holds."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from pydantic import BaseModel, ConfigDict

from chalicelib.domain.invoice import AMOUNT_FIELDS, DATE_FIELDS, FieldName

LEAST, MOST = 0.02, 0.995  # nothing that was learned from some hundred documents is surer than that
REST = "rest"  # the group of the fields that are too rare, learned from all fields together
_GROUPS = {
    "names": {FieldName.SUPPLIER_NAME, FieldName.BUYER_NAME, FieldName.SUPPLIER_ADDRESS, FieldName.BUYER_ADDRESS},
    "numbers": {FieldName.INVOICE_NUMBER, FieldName.PURCHASE_ORDER, FieldName.CUSTOMER_NUMBER},
    "dates": DATE_FIELDS,
    "currency": {FieldName.CURRENCY},
    "amounts": AMOUNT_FIELDS,
    "identifiers": {FieldName.SUPPLIER_TAX_ID, FieldName.BUYER_TAX_ID, FieldName.IBAN, FieldName.BIC},
}
_GROUP_OF = {name: group for group, names in _GROUPS.items() for name in names}


class Isotonic(BaseModel):
    """A rising curve over one feature (by its place): straight lines between `points`, level beyond them."""

    model_config = ConfigDict(frozen=True)

    feature: int
    points: tuple[tuple[float, float], ...]

    def probability(self, features: Sequence[float]) -> float:
        """The height of the curve."""
        x = features[self.feature]
        if x <= self.points[0][0]:
            return self.points[0][1]
        for (left, low), (right, high) in pairwise(self.points):
            if x <= right:
                return low + (high - low) * (x - left) / (right - left)
        return self.points[-1][1]


class Logistic(BaseModel):
    """The logistic function of a weighted sum of all features."""

    model_config = ConfigDict(frozen=True)

    bias: float
    weights: tuple[float, ...]

    def probability(self, features: Sequence[float]) -> float:
        """1 / (1 + e^-sum)."""
        total = self.bias + sum(weight * one for weight, one in zip(self.weights, features, strict=True))
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, total))))


class Calibration(BaseModel):
    """One map for each group of fields, and one for the rest. `features` are the names of what the maps expect.

    >>> curve = Isotonic(feature=0, points=((0.0, 0.1), (1.0, 0.9)))
    >>> calibration = Calibration(features=("confidence",), groups={"rest": curve})
    >>> round(calibration.apply(FieldName.TOTAL, [0.5]), 3)
    0.5
    >>> Calibration.model_validate_json(calibration.model_dump_json()) == calibration
    True
    """

    model_config = ConfigDict(frozen=True)

    features: tuple[str, ...]
    groups: dict[str, Logistic | Isotonic]

    def apply(self, name: FieldName, features: Sequence[float]) -> float:
        """The probability (0–1) that a value of field `name` with these features is right."""
        found = self.groups.get(group_of(name)) or self.groups[REST]
        return round(max(LEAST, min(MOST, found.probability(features))), 4)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return self.model_dump(mode="json")


def group_of(name: FieldName) -> str:
    """The group whose fields are alike in what speaks for them.

    >>> group_of(FieldName.DUE_DATE), group_of(FieldName.PAYMENT_TERMS)
    ('dates', 'rest')
    """
    return _GROUP_OF.get(name, REST)
