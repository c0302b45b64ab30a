"""Counts: how large they are, how they lag, how they lie."""

from __future__ import annotations

import copy
from math import exp
from statistics import fmean, pstdev

import pytest

from footctl.errors import UsageError
from simulator import describe
from simulator.plant.sensors import FULL_SCALE, Noise, Probe, noise, ntc_counts

SPEC = describe.device("footbath-5l").probes


def probe(celsius: float, noise_counts: float = 0.0, offset_c: float = 0.0) -> Probe:
    return Probe(SPEC.model_copy(update={"noise_counts": noise_counts}), celsius, offset_c, 1, 0, 0.05)


@pytest.mark.parametrize(("celsius", "size"), [(25, 0.022), (38, 0.026), (42, 0.028)])
def test_a_count_is_as_large_as_computed(celsius: float, size: float) -> None:
    assert 1 / (ntc_counts(celsius, 3950) - ntc_counts(celsius + 1, 3950)) == pytest.approx(size, abs=0.001)


def test_half_scale_at_25() -> None:
    assert ntc_counts(25.0, 3950) == pytest.approx(FULL_SCALE / 2)


def test_reading_lags_by_the_exponential() -> None:
    bead = probe(30.0)
    for _ in range(160):  # 8 s
        bead.read(40.0)
    assert bead.celsius == pytest.approx(40.0 - 10.0 * exp(-1), abs=1e-6)


def test_counts_are_the_rounded_law() -> None:
    assert probe(38.0).read(38.0) == int(ntc_counts(38.0, 3950) + 0.5)
    assert probe(38.0, offset_c=0.1).read(38.0) == int(ntc_counts(38.1, 3950) + 0.5)


def test_noise_is_one_count_rms_and_averages_out() -> None:
    noisy = probe(38.0, noise_counts=1.0)
    reads = [noisy.read(38.0) for _ in range(4000)]
    assert pstdev(reads) == pytest.approx(1.0, rel=0.1)
    assert fmean(reads) == pytest.approx(ntc_counts(38.0, 3950), abs=0.1)


def test_noise_is_the_same_for_the_same_seed_and_shared_by_copies() -> None:
    assert Noise(7, 1.0).table == Noise(7, 1.0).table != Noise(8, 1.0).table
    table = noise(7, 1.0)
    assert copy.deepcopy(table) is table


def test_converter_ends_at_its_scale() -> None:
    assert probe(-90.0, noise_counts=5.0).read(-90.0) <= FULL_SCALE
    assert probe(900.0, noise_counts=60.0).read(900.0) >= 0


def test_stuck_probe_says_what_it_is_stuck_at() -> None:
    broken = probe(38.0)
    broken.stuck = FULL_SCALE
    assert broken.read(38.0) == FULL_SCALE
    broken.stuck = None
    assert broken.read(38.0) == int(ntc_counts(38.0, 3950) + 0.5)


def test_every_description_reads() -> None:
    assert "footbath-5l" in describe.list_devices()
    assert "wrist-warm" in describe.list_scenarios()
    for name in describe.list_scenarios():
        start = describe.scenario(name)
        assert start.device is None or describe.device(start.device)


def test_a_base_gives_what_a_variant_does_not_say() -> None:
    small, reference = describe.device("footbath-300w"), describe.device("footbath-5l")
    assert small.heater_w == 300
    assert small.bath == reference.bath
    assert describe.device("footbath-3l").bath.element_j_k == reference.bath.element_j_k


@pytest.mark.parametrize("load", [describe.device, describe.scenario])
def test_an_unknown_name_says_what_there_is(load: object) -> None:
    with pytest.raises(UsageError, match="nonsense") as error:
        load("nonsense")  # type: ignore[operator]
    assert "-" in error.value.hint


def test_a_typo_in_a_description_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(describe, "_read", lambda folder, name: {"summary": "x", "watter_c": 3.0})
    with pytest.raises(ValueError, match="watter_c"):
        describe.scenario.__wrapped__("wrist-warm")


def test_tissue_needs_every_zone_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    values = describe._read("devices", "footbath-5l")
    values["tissue"].pop("arch")
    monkeypatch.setattr(describe, "_read", lambda folder, name: values)
    with pytest.raises(ValueError, match="arch"):
        describe.device.__wrapped__("footbath-5l")
