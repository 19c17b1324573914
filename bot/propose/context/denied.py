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
# Zero-width, bidirectional, invisible operators, tags: instructions can hide in them from whoever reviews the code.
_HIDDEN = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def denied(path: str) -> bool:
    """Say whether a file is left out by its name alone, in any case of letters."""
    *directories, name = PurePosixPath(path.lower()).parts or ("",)
    return not _DIRECTORIES.isdisjoint(directories) or any(fnmatchcase(name, one) for one in _NAMES)


def unhidden(text: str) -> str:
    """Return `text` without characters that nobody sees."""
    return _HIDDEN.sub("", text)
