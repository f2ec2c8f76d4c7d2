"""Company names in web and e-mail addresses: who owns the domain is likely the one who wrote."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from chalicelib.domain.wording import Token, phrase
from chalicelib.extraction.layout import Sheet

_EMAIL = re.compile(r"[\w.+\-]+@([\w\-]+)(?:\.[\w\-]+)+", re.IGNORECASE)
_WEBSITE = re.compile(r"(?:https?://)?www\.([\w\-]+)\.[a-z.]{2,}", re.IGNORECASE)
_FREE_MAIL = frozenset(
    {"gmail", "hotmail", "yahoo", "outlook", "gmx", "web", "icloud", "aol", "live", "mail", "t-online"}
)
_PART_OF_DOMAIN = 4  # letters: shorter words are in many
_MADE_OF = 0.8  # of the domain's letters


def domains_of(sheet: Sheet) -> Counter[str]:
    """The names in web and e-mail addresses: `info@halden-moor.example` → `haldenmoor`."""
    found: Counter[str] = Counter()
    for cell in sheet.cells:
        if "@" not in cell.text and "www" not in cell.text.lower():
            continue
        for match in (*_EMAIL.finditer(cell.text), *_WEBSITE.finditer(cell.text)):
            name = match[1].lower()
            if name not in _FREE_MAIL:
                found["".join(phrase(name))] += 1
    return found


def domain_weight(domains: Iterable[str], words: Sequence[Token]) -> float:
    """How much more a name is worth that one of `domains` is made from; 0 without any."""
    joined = "".join(word.text for word in words)
    for domain in domains:
        if len(domain) >= 4 and (domain in joined or (joined in domain and len(joined) > 0.6 * len(domain))):
            return 0.25
        if _is_made_of(domain, words):
            return 0.25
        first = words[0].text if words else ""
        if first == domain:
            return 0.3
        if len(first) >= 4 and first in domain and (len(words) > 1 or len(first) > 0.6 * len(domain)):
            return 0.2
    return 0.0


def _is_made_of(domain: str, words: Sequence[Token]) -> bool:
    """Whether a domain is put together from words of the name, in any order: `moor-halden`."""
    parts = {word.text for word in words if len(word.text) >= _PART_OF_DOMAIN and word.text in domain}
    return len(parts) > 1 and sum(map(len, parts)) >= _MADE_OF * len(domain)
