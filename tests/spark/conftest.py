"""Without Spark its tests are skipped, loudly; with TAKUUVAHTI_REQUIRE_SPARK=1, as in `make test-spark`, that is an error."""

from __future__ import annotations

import os

import pytest

from pipelines.errors import SparkMissing
from pipelines.spark.session import check_installed


@pytest.fixture(scope="session", autouse=True)
def _spark_installed() -> None:
    try:
        check_installed()
    except SparkMissing as error:
        reason = f"NO SPARK: `make test-spark` runs these tests ({error})"
        if os.environ.get("TAKUUVAHTI_REQUIRE_SPARK") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
