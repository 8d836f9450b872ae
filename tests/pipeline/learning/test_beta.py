"""The Beta distribution."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.learning.beta import cumulative, quantile

SHAPES = st.floats(0.2, 400)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_closed_forms(p: float) -> None:
    assert quantile(p, 1, 1) == pytest.approx(p, abs=1e-5)
    assert quantile(p, 5, 1) == pytest.approx(p ** (1 / 5), abs=1e-5)
    assert quantile(p, 1, 3) == pytest.approx(1 - (1 - p) ** (1 / 3), abs=1e-5)


@pytest.mark.parametrize(("a", "b", "x"), [(3, 5, 0.3), (8, 2, 0.9), (20, 30, 0.41)])
def test_whole_shapes_agree_with_the_binomial_sum(a: int, b: int, x: float) -> None:
    n = a + b - 1
    exact = sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert cumulative(x, a, b) == pytest.approx(exact, abs=1e-9)


@given(a=SHAPES, b=SHAPES, p=st.floats(0.05, 0.95))
def test_quantile_and_cumulative_are_inverse(a: float, b: float, p: float) -> None:
    x = quantile(p, a, b)
    assert cumulative(max(x - 1e-5, 0), a, b) <= p + 1e-6
    assert cumulative(min(x + 1e-5, 1), a, b) >= p - 1e-6


@given(a=SHAPES, b=SHAPES)
def test_symmetry(a: float, b: float) -> None:
    assert quantile(0.1, a, b) == pytest.approx(1 - quantile(0.9, b, a), abs=1e-5)


def test_the_ends() -> None:
    assert cumulative(0, 2, 2) == 0
    assert cumulative(1, 2, 2) == 1
