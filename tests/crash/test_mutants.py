"""The planted defects still have a place in the code: they are tried at night only."""

from __future__ import annotations

import pytest

from tests.crash import mutants
from tests.engine import order_mutants


@pytest.mark.parametrize("mutant", [*mutants.MUTANTS, *order_mutants.mutants()])
def test_what_a_mutant_changes_is_there_once(mutant):
    text = (mutants.ROOT / mutant.file).read_text(encoding="utf-8")

    assert text.count(mutant.old) == 1
