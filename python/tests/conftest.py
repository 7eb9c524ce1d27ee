import os

import numpy as np
import pytest

import pointwise


@pytest.fixture(scope="session")
def spark():
    session = pointwise.session("local[2]", spark__ui__enabled="false", spark__sql__shuffle__partitions="2")
    session.sparkContext.setLogLevel("FATAL")
    yield session
    session.stop()


@pytest.fixture
def rng(request):
    seed = int(os.environ.get("POINTWISE_SEED") or np.random.SeedSequence().entropy % 2**32)
    print("POINTWISE_SEED=%d" % seed)  # pytest shows it where a test fails
    return np.random.default_rng(seed)
