"""The stores of the contract suite, in the newest form, for several processes at once."""

import uuid

import pytest

from tests.contract.store.conftest import POSTGRES


@pytest.fixture(params=["sqlite", POSTGRES])
def address(request, tmp_path):
    """The address of a database in the newest form."""
    if request.param == "sqlite":
        return str(tmp_path / "store.sqlite")
    name = request.getfixturevalue("postgres_template")
    return request.getfixturevalue("postgres").create(f"many_{uuid.uuid4().hex}", name)
