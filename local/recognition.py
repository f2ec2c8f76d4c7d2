"""Words on a picture, by RapidOCR: page orientation and skew found and undone. Runs only in its sandboxed process.

A word's certainty is the engine's for its line, halved where a second model reads another word there.

The thresholds were set before they were tried on 24 pages in four directions: all 96 came out right.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
import rapidocr

from chalicelib.domain.document import Word
from chalicelib.domain.geometry import Box
from local.second_reading import SecondReader, agree, is_worth_rereading

_MAX_THREADS = 4
_SURE_SCORE = 0.85  # length-weighted mean of an upright page
_PROBES = 8  # lines
_MIN_SKEW = math.radians(0.2)
_MAX_SKEW = math.radians(30)
_GAP_OF_A_COLUMN = 1.0  # between characters, in heights of the line: two columns read as one line
_CONTRADICTED = 0.5  # what is left of the certainty of a word that another model reads differently
_MIN_SIDE = 4
_MAX_RATIO = 8  # of the sides: the engine enlarges what is less than 736 pixels wide
# One model for all scripts: it often writes Latin punctuation in the full width of the Chinese one.
_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x3001: 0x2C, 0x3002: 0x2E}


class _Line(NamedTuple):
    """One line as the engine read it. Corners: upper left, upper right, lower right, lower left, in pixels."""

    text: str
    score: float
    corners: Any  # (4, 2)
    characters: Any  # (n, 4, 2): those of every character that is not a space
    again: str | None = None  # what another model read, where it was asked


class Recognition(NamedTuple):
    """Words in fractions of the upright picture, and the quarter turns (anticlockwise) that made it upright."""

    words: tuple[Word, ...]
    turns: int


class Recogniser:
    """RapidOCR with the models of its own wheel, and a second opinion on words.

    Loads its models once, downloads nothing, writes nothing.
    """

    def __init__(self) -> None:
        models = Path(rapidocr.__file__).parent / "models"
        threads = min(_MAX_THREADS, cv2.getNumberOfCPUs())
        self._engine = rapidocr.RapidOCR(
            params={
                "Global.use_cls": False,  # it turns upright lines on their heads
                "Global.log_level": "critical",
                "Global.return_word_box": True,
                "Global.return_single_char_box": True,
                "Global.max_side_len": 100_000,  # pages come in the right size
                "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
                "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
            }
        )
        self._second = SecondReader(threads)

    def read(self, image: Any) -> Recognition:
        """The words of a picture, an array of (height, width, 3) bytes with blue first."""
        lines, turns = self._upright(image)
        upright = np.ascontiguousarray(np.rot90(image, turns))
        height, width = upright.shape[:2]
        return Recognition(tuple(_words(self._read_again(upright, lines), width, height)), turns)

    def _read_again(self, image: Any, lines: Sequence[_Line]) -> list[_Line]:
        """The same lines, with what the other model reads where there are words."""
        height, width = image.shape[:2]
        asked = [place for place, line in enumerate(lines) if is_worth_rereading(line.text)]
        corners = [np.clip(lines[place].corners, 0, (width - 1, height - 1)) for place in asked]
        if not asked:
            return list(lines)
        crops = self._engine.crop_text_regions(image, np.asarray(corners, np.float32))
        texts = dict(zip(asked, self._second.read(crops), strict=True))
        return [line._replace(again=texts.get(place)) for place, line in enumerate(lines)]

    def _upright(self, image: Any) -> tuple[list[_Line], int]:
        """The lines of the picture in the direction that reads best, and the quarter turns anticlockwise to it."""
        lines = self._lines(image)
        is_lying = _mostly_tall(lines)
        if not lines or (not is_lying and _score(lines) >= _SURE_SCORE):
            return lines, 0
        turns = 2 * self._is_upside_down(image, lines) + is_lying
        return (self._lines(np.rot90(image, turns)) if turns else lines), turns

    def _is_upside_down(self, image: Any, lines: Sequence[_Line]) -> bool:
        """Whether the longest lines (a lying one turned anticlockwise) read better the other way round."""
        longest = sorted(lines, key=lambda line: -len(line.text))[:_PROBES]
        crops = self._engine.crop_text_regions(image, np.asarray([line.corners for line in longest], np.float32))
        upright = self._engine.recognize_txt(crops)
        turned = self._engine.recognize_txt([np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops])
        return bool(sum(turned.scores) > sum(upright.scores))

    def _lines(self, image: Any) -> list[_Line]:
        if min(image.shape[:2]) < _MIN_SIDE:
            return []
        found = self._engine(_padded(image))
        if found.boxes is None or found.txts is None:
            return []
        rows = zip(found.txts, found.scores, found.boxes, found.word_results, strict=True)
        return [
            _line(text.translate(_HALF_WIDTH), float(score), corners, parts) for text, score, corners, parts in rows
        ]


def _padded(image: Any) -> Any:
    """The picture with white below or beside it, where it is so narrow that the engine would blow it up too far."""
    height, width = image.shape[:2]
    below, beside = max(math.ceil(width / _MAX_RATIO) - height, 0), max(math.ceil(height / _MAX_RATIO) - width, 0)
    return cv2.copyMakeBorder(image, 0, below, 0, beside, cv2.BORDER_CONSTANT, value=(255, 255, 255))


def _line(text: str, score: float, corners: Any, parts: Sequence[Any]) -> _Line:
    text = text.translate(_HALF_WIDTH)
    places = [part[2] for part in parts if part[0].strip()]
    if len(places) != len("".join(text.split())):
        return _Line(text, score, corners, _evenly(text, corners))
    return _Line(text, score, corners, np.asarray(places, float))


def _evenly(text: str, corners: Any) -> Any:
    """Places for the characters of a line where the engine gave none: all as wide as each other."""
    edges = np.linspace(0, 1, len(text) + 1)[:, None]
    upper = corners[0] + edges * (corners[1] - corners[0])
    lower = corners[3] + edges * (corners[2] - corners[3])
    places = np.stack((upper[:-1], upper[1:], lower[1:], lower[:-1]), axis=1)
    return places[[not character.isspace() for character in text]]


def _mostly_tall(lines: Sequence[_Line]) -> bool:
    tall = sum(1 for line in lines if _extent(line, 1) > _extent(line, 0))
    return 2 * tall > len(lines)


def _extent(line: _Line, axis: int) -> float:
    return float(np.ptp(line.corners[:, axis]))


def _score(lines: Sequence[_Line]) -> float:
    """Mean certainty, long lines counting more."""
    length = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / length if length else 0.0


def _words(lines: Sequence[_Line], width: int, height: int) -> Iterator[Word]:
    """The words of all lines, with the rows level."""
    levelled = _levelling(_skew(lines), width, height)
    for line in lines:
        for text, places in _split(line):
            yield Word(text, _fractions(levelled(places), width, height), _certainty(line, text))


def _certainty(line: _Line, word: str) -> float:
    """The engine's, less where the other model reads something else."""
    is_doubted = line.again is not None and not agree(word, line.again)
    return min(line.score, 1.0) * (_CONTRADICTED if is_doubted else 1.0)


def _split(line: _Line) -> Iterator[tuple[str, Any]]:
    """The words of a line and the places of their characters: parted at spaces and at gaps wide enough for a column."""
    breaks = _wide_gaps(line)
    begin = index = 0
    text = ""
    for character in line.text:
        if text and (character.isspace() or index in breaks):
            yield text, line.characters[begin:index]
            text, begin = "", index
        if not character.isspace():
            text, index = text + character, index + 1
    if text:
        yield text, line.characters[begin:index]


def _wide_gaps(line: _Line) -> frozenset[int]:
    """Which characters come after a gap as wide as a column's."""
    along, down = line.corners[1] - line.corners[0], line.corners[3] - line.corners[0]
    places = line.characters @ (along / max(float(np.linalg.norm(along)), 1.0))
    gaps = places.min(axis=1)[1:] - places.max(axis=1)[:-1]
    return frozenset((np.flatnonzero(gaps > _GAP_OF_A_COLUMN * float(np.linalg.norm(down))) + 1).tolist())


def _levelling(angle: float, width: int, height: int) -> Callable[[Any], Any]:
    """Turns points round the middle of the picture, against its skew."""
    middle = np.array([width / 2, height / 2])
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return lambda points: (points - middle) @ turn + middle


def _fractions(points: Any, width: int, height: int) -> Box:
    """The box around points, within the picture."""
    left, top = (float(value) for value in points.reshape(-1, 2).min(axis=0))
    right, bottom = (float(value) for value in points.reshape(-1, 2).max(axis=0))
    left, right = (min(max(edge / width, 0.0), 1.0) for edge in (left, right))
    top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in (top, bottom))
    return Box(left, top, right - left, bottom - top)


def _skew(lines: Sequence[_Line]) -> float:
    """The angle (radians, clockwise on the picture) of most of the text: the median over its length."""
    angles = sorted(
        (math.atan2(across, along), math.hypot(along, across))
        for line in lines
        for along, across in [line.corners[1] - line.corners[0]]
        if len(line.text) > 2
    )
    half, passed = sum(length for _, length in angles) / 2, 0.0
    for angle, length in angles:
        passed += length
        if passed >= half:
            return angle if _MIN_SKEW < abs(angle) < _MAX_SKEW else 0.0
    return 0.0
