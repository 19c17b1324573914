"""What never enters a prompt: files that hold credentials, and characters that people do not see."""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_NAMES = (
    ".env", ".env.*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.asc", "*.gpg",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials",
    ".htpasswd", "credentials", "credentials.*", "secrets", "secrets.*", "*secret*.y*ml", "*.tfstate*", "*.tfvars",
)  # fmt: skip
_DIRECTORIES = frozenset({".git", ".ssh", ".aws", ".gnupg", ".docker", ".kube", "secrets"})
# What Unicode calls default-ignorable (DerivedCoreProperties.txt), and annotations: instructions can hide in them from
# whoever reviews the code. One selector of text or emoji style behind a symbol is part of how the symbol is written.
_HIDDEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    "|(?<![\u203c-\u3030\u303d-\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f]"
)


def denied(path: str) -> bool:
    """Say whether a file is left out by its name alone, in any case of letters."""
    *directories, name = PurePosixPath(path.lower()).parts or ("",)
    return not _DIRECTORIES.isdisjoint(directories) or any(fnmatchcase(name, one) for one in _NAMES)


def unhidden(text: str) -> str:
    """Return `text` without characters that nobody sees."""
    return _HIDDEN.sub("", text)
