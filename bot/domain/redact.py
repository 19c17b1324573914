"""Takes secrets out of text before it leaves: logs, prompts, notes, reports and tracebacks all pass here."""

import base64
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "[redacted]"
_SHORTEST = 6  # a shorter value would blank ordinary words

# GitLab: https://docs.gitlab.com/security/tokens/#token-prefixes; the others by their issuers' published prefixes.
_GITLAB = r"gl(?:pat|ptt|dt|rt|cbt|ft|imt|agent|soat|oas|ffct|rtr|wt)-[A-Za-z0-9_.\-]{8,}"
# Runs are bounded: the text may be a stranger's megabyte. `keep` is what stands before the secret.
_NAMES = (
    r"(?:private|job|deploy|gitlab|access|trigger|refresh|auth)[_-]?token"
    r"|api[_-]?key|client[_-]?secret|secret[_-]?key|passw(?:or)?d|passphrase|pwd"
    r"|account[_-]?key|shared[_-]?access[_-]?key"
)
# Names such as `token` are as common in ordinary code, where only a literal tells a secret from a variable: it holds
# a digit, and neither blanks nor the signs of patterns and templates. A lexer's words are shorter.
_LITERAL = r"(?=[^\s\"'`]{0,200}[0-9])[^\s\"'`\\<>{}()\[\]]"
_BETWEEN = (
    r"(?:[\"']\s{0,3},|[\"']?\]?\s{0,3}(?::\s{0,3}[A-Za-z][\w.]{0,40}(?:\s{0,3}\|\s{0,3}None)?\s{0,3}=|:=|=>|[:=]))"
    r"\s{0,3}"
)
_BARE = r"[A-Za-z0-9+/\-]{16,}+|(?=\S{0,60}[a-z])(?=\S{0,60}[A-Z])[\w+/\-]{20,}+"
_QUOTE = r"[A-Za-z]{0,2}[\"'`]"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<keep>)\b{_GITLAB}",
        r"(?P<keep>)\b(?:sk|rk|pk)-[A-Za-z0-9_\-]{16,}|\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9]{20,}",
        r"(?P<keep>)\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
        r"(?P<keep>)\bA[KS]IA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_\-]{35}|\bGOCSPX-[A-Za-z0-9_\-]{20,}",
        r"(?P<keep>)\b(?:xox[a-z]|xapp)-[0-9A-Za-z\-]{10,}|\bhf_[A-Za-z0-9]{30,}|\bnpm_[A-Za-z0-9]{30,}",
        r"(?P<keep>https://hooks\.slack\.com/(?:services|workflows|triggers)/)[A-Za-z0-9/_\-]{8,}",
        r"(?P<keep>)\bpypi-(?:Ag[A-Za-z0-9_\-]{16,}|[A-Za-z0-9_\-]{40,})|\bdo[oprt]_v1_[a-f0-9]{32,}",
        r"(?P<keep>)\bSG\.[A-Za-z0-9_\-]{16,64}\.[A-Za-z0-9_\-]{16,}|\bdckr_pat_[A-Za-z0-9_\-]{20,}",
        r"(?P<keep>)\beyJ[A-Za-z0-9_\-]{8,400}\.[A-Za-z0-9_\-]{8,8000}\.[A-Za-z0-9_\-]*",
        r"(?P<keep>)-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
        r"(?P<keep>(?i:\b(?:bearer|basic))\s{1,5})(?=[^\s]{0,200}[0-9=._])[A-Za-z0-9._~+/\-]{8,}=*",
        r"(?P<keep>[a-z][a-z0-9+.\-]{1,20}://[^\s/:@]{0,100}:)[^\s/@]{1,300}(?=@)",
        rf"(?P<keep>(?i:{_NAMES}|secret|access[_-]?key|private[_-]?key|credentials?){_BETWEEN}{_QUOTE}){_LITERAL}{{8,}}(?=[\"'`])",
        rf"(?P<keep>(?i:token){_BETWEEN}{_QUOTE}){_LITERAL}{{12,}}(?=[\"'`])",
        # Without quotes it may be a name: those with underscores are told by their letters, which are all small.
        rf"(?P<keep>(?i:secret|token|access[_-]?key)\s{{0,3}}[:=]\s{{0,3}})(?=\S{{0,60}}[0-9])(?:{_BARE})(?![\w.(\[])",
        # A digit is asked for, so that code such as `password = ask(prompt)` stays legible.
        rf"(?P<keep>(?i:{_NAMES})[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?)(?!\[redacted)(?=[^\s\"'(.]{{0,200}}[0-9])[^\s\"',;&(.}}\])]{{4,}}",
    )
)
_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW|API_?KEY|PRIVATE_?KEY|CREDENTIAL|_KEY$", re.IGNORECASE)


def secret_values(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return the values of variables whose names say that they are secret, such as CI_JOB_TOKEN."""
    return tuple(value for name, value in sorted(environment.items()) if _SECRET_NAME.search(name))


class Redactor:
    """Replaces registered values, in the forms in which they travel, and whatever looks like a credential."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        forms = {form for value in values if len(value.strip()) >= _SHORTEST for form in _forms(value.strip())}
        # Longest first: a value inside another must not leave the other's rest behind.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._values = re.compile("|".join(map(re.escape, ordered))) if ordered else None

    def redact(self, text: str) -> str:
        """Return `text` with a mask in place of every secret; text without any comes back unchanged."""
        if self._values is not None:
            text = self._values.sub(MASK, text)
        for pattern in _PATTERNS:
            text = pattern.sub(rf"\g<keep>{MASK}", text)
        return text


def _forms(value: str) -> set[str]:
    """Return a secret as it is, URL-encoded, and inside base64 at each of the three alignments."""
    forms = {value, quote(value, safe=""), quote_plus(value)}
    raw = value.encode()
    for shift in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(b"\0" * shift + raw).decode().rstrip("=")
            # The first and the last characters mix with neighbouring bytes; what is between them is the secret's own.
            inner = text[(0, 2, 3)[shift] : len(text) if (shift + len(raw)) % 3 == 0 else -1]
            if len(inner) >= _SHORTEST:
                forms.add(inner)
    return forms
