import base64
import time
from urllib.parse import quote

import pytest

from bot.domain.redact import MASK, Redactor, secret_values

HIDDEN = "s3cr3t/value+with=signs"


@pytest.mark.parametrize(
    "secret",
    [
        "glpat-AbCdEfGh12345678_-xy",
        "glpat-AbCdEfGh1234.01.abcdef",
        "glptt-0123456789abcdef0123456789abcdef01234567",
        "glcbt-64_AbCdEfGh12345678",
        "glrt-AbCdEfGh12345678",
        "sk-proj-AbCdEfGh12345678AbCdEfGh",
        "ghp_0123456789abcdefABCDEF0123456789abcd",
        "AKIAIOSFODNN7EXAMPLE",
        "sk_" + "live_AbCdEfGh12345678AbCdEfGh",
        "pypi-AgEIcHlwaS5vcmcCJDAwMDAwMDAwLTAwMDAtMDAwMC0wMDAw",
        "npm_0123456789abcdefABCDEF0123456789abcd",
        "SG.AbCdEfGh12345678AbCdEf.AbCdEfGh12345678AbCdEfGh12345678AbCdEfGh123",
        "GOCSPX-AbCdEfGh12345678AbCdEfGh1234",
        "dop_v1_" + "0123456789abcdef" * 4,
        "xapp-1-A0123456789-0123456789-abcdef",
        "hf_AbCdEfGh12345678AbCdEfGh12345678Ab",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_known_forms_are_masked_wherever_they_stand(secret):
    for text in (secret, f"token={secret}, next", f'{{"k": "{secret}"}}', f"(see {secret})"):
        out = Redactor().redact(text)
        assert secret not in out
        assert MASK in out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Bearer abc123def456", f"Authorization: Bearer {MASK}"),
        ("authorization: basic dXNlcjpwYXNz1==", f"authorization: basic {MASK}"),
        ("https://oauth2:hunter2@gitlab.example/x.git", f"https://oauth2:{MASK}@gitlab.example/x.git"),
        ("PRIVATE-TOKEN: abc12345", f"PRIVATE-TOKEN: {MASK}"),
        ("password=hunter2 user=me", f"password={MASK} user=me"),
        ('"api_key": "k3y-value"', f'"api_key": "{MASK}"'),
        (
            'AWS_SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
            f'AWS_SECRET_ACCESS_KEY = "{MASK}"',
        ),
        ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", f"AWS_SECRET_ACCESS_KEY={MASK}"),
        ('SECRET = "a1b2c3d4e5"', f'SECRET = "{MASK}"'),
        ("TOKEN: str = 'a1b2c3d4e5f6g7h8'", f"TOKEN: str = '{MASK}'"),
        ("os.environ['APP_TOKEN'] = 'a1b2c3d4e5f6.7h8'", f"os.environ['APP_TOKEN'] = '{MASK}'"),
        ('getenv("TOKEN", "a1b2c3d4e5f6g7h8")', f'getenv("TOKEN", "{MASK}")'),
        ("token: 0123456789abcdef0123", f"token: {MASK}"),
        ("token: Ab_dEfGh12345678AbCdEf", f"token: {MASK}"),
        ("Uid=me;pwd=hunter2;", f"Uid=me;pwd={MASK};"),
        ("password=hunter2&page=1", f"password={MASK}&page=1"),
        ("AccountKey=AbCdEfGh12345678+/AbCdEfGh==;x", f"AccountKey={MASK};x"),
        ("https://hooks.slack.com/services/T0AB/B0CD/x1Y2z3", f"https://hooks.slack.com/services/{MASK}"),
    ],
)
def test_what_names_itself_a_secret_is_masked_and_its_name_kept(text, expected):
    assert Redactor().redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "def load(password: str) -> None:",
        "password = ask(prompt)",
        "token = next(tokens)",
        "token = tokens[0]",
        "connect(aws_secret_access_key=s3_aws_secret_access_key)",
        "token = tokens_by_position_2[0]",
        "token = decode_utf8_to_utf16_words",
        "token: Base64Tokens.Kind2 = first",
        'if token == "0123456789abcdef":',
        'token = "uint64_t"',
        'tokenizer = "cl100k_base_2023"',
        "TOKEN = re.compile(r'[a-z0-9_]{12,40}')",
        'token = f"{kind}-{number:04d}-{name}"',
        'secret: "the words of page 12"',
        "npm_config_registry_of_the_project_2 = 1",
        "pypi-publish",
        "self.api_key = settings.api_key",
        "a basic understanding of the bearer protocol",
        "glpattern matches",
        "https://example.org:8080/path@v2",
        "x = sketch-book",
    ],
)
def test_ordinary_code_and_prose_come_back_unchanged(text):
    assert Redactor([HIDDEN]).redact(text) == text


def test_registered_values_are_masked_raw_and_encoded():
    redactor = Redactor([HIDDEN])
    for form in (HIDDEN, quote(HIDDEN, safe="")):
        assert redactor.redact(f"a {form} b") == f"a {MASK} b"
    for prefix in ("", "u", "us", "user:"):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            text = encode(f"{prefix}{HIDDEN}:more".encode()).decode()
            left = redactor.redact(text).replace(MASK, "")
            assert len(left) <= len(prefix) * 2 + 12


def test_the_longer_of_two_values_goes_first():
    assert Redactor(["abcdef", "abcdefghij"]).redact("x abcdefghij y") == f"x {MASK} y"


def test_short_and_blank_values_do_not_blank_the_text():
    assert Redactor(["", "   ", "a", "yes"]).redact("yes, a cat") == "yes, a cat"


def test_redacting_twice_changes_nothing():
    text = f"password={HIDDEN} and glpat-AbCdEfGh12345678 pwd=hunter2&page=1 SECRET='a1b2c3d4e5'"
    once = Redactor([HIDDEN]).redact(text)
    assert Redactor([HIDDEN]).redact(once) == once


def test_secret_variables_are_found_by_name():
    environment = {"CI_JOB_TOKEN": "t", "MY_PASSWORD": "p", "OPENAI_API_KEY": "k", "PATH": "/bin", "KEYBOARD": "us"}
    assert sorted(secret_values(environment)) == ["k", "p", "t"]


@pytest.mark.parametrize(
    "unit", ["eyJ-", "bearer ", "a://", "-----BEGIN ", "password=", "glpat-", "token: a", "SG.", "x" * 8]
)
def test_hostile_text_takes_linear_time(unit):
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    Redactor([HIDDEN]).redact(text)
    assert time.process_time() - began < 2
