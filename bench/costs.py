"""What documents cost with paid readers, beside sending every page to AnalyzeExpense and a model."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from bench.paid import Objects, PaidAdapters, connected
from bench.processes import PROJECT
from chalicelib.bootstrap import Services
from chalicelib.costs.prices import PriceBook
from chalicelib.domain.charge import ChargeState
from chalicelib.domain.job import Job
from chalicelib.domain.usage import Usage
from chalicelib.errors import SmartInvoiceError
from chalicelib.pipeline.sharing import book_shares
from chalicelib.settings import Settings
from local.evaluation.corpus import read_corpus
from local.evaluation.kept_reading import KeptOcr
from local.fakes.bedrock import Answer, FakeBedrock
from local.fakes.textract import FakeTextract, words_by
from local.ocr import EmbeddedOcr

_CORPUS = PROJECT.parent / "shared" / "corpus"
_SAMPLES = PROJECT / "samples"
_HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
_INPUT_TOKENS, _OUTPUT_TOKENS = 2500, 800  # of a model that is sent a whole page, and asked for a whole invoice
_FREE_OF_OCR = frozenset({"born_digital_pdf", "einvoice_pdf", "einvoice_xml"})
_AMPLE = "100000"
_WORKERS = 2


class CategoryCost(BaseModel):
    """The documents of one category: dollars are for all of them, paid calls and estimated shares apart."""

    model_config = ConfigDict(frozen=True)

    documents: int = 0
    pages: int = 0
    without_paid_call: int = 0
    paid_usd: Decimal = Decimal(0)
    shared_usd: Decimal = Decimal(0)
    peer_usd: Decimal = Decimal(0)

    @property
    def usd_per_thousand(self) -> Decimal:
        """What 1,000 such documents cost, with the estimated shares."""
        return 1000 * (self.paid_usd + self.shared_usd) / max(1, self.documents)

    @property
    def peer_usd_per_thousand(self) -> Decimal:
        """What 1,000 such documents cost where every page goes to AnalyzeExpense and a model."""
        return 1000 * self.peer_usd / max(1, self.documents)

    @property
    def share(self) -> Decimal:
        """The first by the second."""
        return (self.paid_usd + self.shared_usd) / self.peer_usd if self.peer_usd else Decimal(0)

    def __add__(self, other: "CategoryCost") -> "CategoryCost":
        return CategoryCost(**{name: value + getattr(other, name) for name, value in self})


class Costs(BaseModel):
    """The costs by category, of all, and of those whose words nobody has to be paid for."""

    model_config = ConfigDict(frozen=True)

    origin: str
    by_category: Mapping[str, CategoryCost]
    all_documents: CategoryCost
    with_words_of_their_own: CategoryCost


class _Document(NamedTuple):
    path: Path
    category: str


def costs(tell: Callable[[str], None], cache: Path = PROJECT / ".local" / "cache") -> Costs:
    """Read the documents of the corpus (or the samples) with Textract and Bedrock played by fakes.

    The fake Textract answers with what the embedded OCR engine reads (kept in `cache`). The fake model answers every
    question in full, so that its tokens are those of an answer.
    """
    origin, documents = _documents()

    objects = Objects()
    with TemporaryDirectory() as folder:
        ours = _settings(Path(folder))
        engine = KeptOcr(EmbeddedOcr(ours), cache, ours)
        with connected(FakeTextract(words_by(engine), objects.get), FakeBedrock(_in_full)):
            services = Services(ours, PaidAdapters(ours, objects))
            with ThreadPoolExecutor(_WORKERS) as pool:
                found = list(pool.map(lambda one: _cost(services, one, tell), documents))
    by_category: dict[str, CategoryCost] = {}
    for document, cost in zip(documents, found, strict=True):
        by_category[document.category] = by_category.get(document.category, CategoryCost()) + cost
    own = [cost for category, cost in by_category.items() if category in _FREE_OF_OCR]
    return Costs(
        origin=origin,
        by_category=by_category,
        all_documents=sum(by_category.values(), CategoryCost()),
        with_words_of_their_own=sum(own, CategoryCost()),
    )


def _documents() -> tuple[str, Sequence[_Document]]:
    if _CORPUS.is_dir():
        return "corpus, split dev", [_Document(case.path, case.category) for case in read_corpus(_CORPUS, "dev")]
    paths = sorted(path for path in _SAMPLES.iterdir() if path.suffix in {".pdf", ".xml", ".png", ".jpg", ".tif"})
    return "samples", [_Document(path, "samples") for path in paths]


def _settings(folder: Path) -> Settings:
    ample = Decimal(_AMPLE)
    return Settings(stage="local", data_dir=str(folder), day_limit_usd=ample, month_limit_usd=ample, ocr_seconds=600)


def _cost(services: Services, document: _Document, tell: Callable[[str], None]) -> CategoryCost:
    tell(f"Costs: {document.path.name}")
    clock = services.adapters.clock()
    purse = services.purse_of(Job(invoice_id=clock.new_id(), run=clock.new_id()))
    content = document.path.read_bytes()
    pages = 1
    try:
        found = services.interpret(content, purse)
        pages = max(1, found.read.page_count)
        book_shares(purse, found.outcome, len(content))
    except SmartInvoiceError:
        pass  # a bad document costs what was paid until that was known
    paid = [charge.usd for charge in purse.charges if charge.state is not ChargeState.SHARED]
    shared = [charge.usd for charge in purse.charges if charge.state is ChargeState.SHARED]
    return CategoryCost(
        documents=1,
        pages=pages,
        without_paid_call=int(not any(paid)),
        paid_usd=sum(paid, Decimal(0)),
        shared_usd=sum(shared, Decimal(0)),
        peer_usd=pages * _peer_page(services.settings),
    )


def _peer_page(settings: Settings) -> Decimal:
    """A page read by AnalyzeExpense and a model, from the same prices as ours."""
    prices, today = PriceBook.load(), datetime.now(UTC).date()
    used = (
        Usage.of("textract", "AnalyzeExpense", pages=1),
        Usage.of("bedrock", _HAIKU, input_tokens=_INPUT_TOKENS, output_tokens=_OUTPUT_TOKENS),
    )
    return sum((prices.price_of(usage, settings.price_region, today).usd for usage in used), Decimal(0))


def _in_full(_model: str, _instructions: str, document: str, schema: Answer) -> Answer:
    """A model that answers each field it is asked for, at the length of an answer."""
    number, word = next(_words(document), ("0", "?"))
    return {
        name: {"value": word, "words": [int(number)]}
        for name, asked in schema["properties"].items()
        if asked.get("type") == "object"
    }


def _words(document: str) -> Iterator[tuple[str, str]]:
    return ((match[1], match[2]) for match in re.finditer(r"(\d+):(\S+)", document))
