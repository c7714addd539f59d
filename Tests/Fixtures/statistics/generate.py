"""Writes cases.json: inputs, and what scipy and statsmodels make of them.

Resampling draws its numbers from the same Philox streams as the package, by a second
implementation; everything else of it is numpy's.
"""

import itertools
import json
import math
import pathlib
from fractions import Fraction

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import optimize, special, stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

RNG = np.random.default_rng(20)
SEED = 0x0123456789ABCDEF
RESAMPLES = 400
FLIPS = 499
DEVIATE = stats.norm.ppf(0.975)
MASK = np.uint64(0xFFFFFFFF)


def philox_bits(seed, stream, draws):
    """64 bits per draw of Philox 4x32-10 with the counter (draw, *stream)."""
    counter = [np.arange(draws, dtype=np.uint64)]
    counter += [np.full(draws, word, dtype=np.uint64) for word in stream]
    low, high = seed & 0xFFFFFFFF, seed >> 32
    for _ in range(10):
        first = counter[0] * np.uint64(0xD2511F53)
        second = counter[2] * np.uint64(0xCD9E8D57)
        counter = [
            (second >> np.uint64(32)) ^ counter[1] ^ np.uint64(low),
            second & MASK,
            (first >> np.uint64(32)) ^ counter[3] ^ np.uint64(high),
            first & MASK,
        ]
        low = (low + 0x9E3779B9) & 0xFFFFFFFF
        high = (high + 0xBB67AE85) & 0xFFFFFFFF
    return (counter[0] << np.uint64(32)) | counter[1]


def integers_below(bound, seed, stream, draws):
    bits = philox_bits(seed, stream, draws)
    bound = np.uint64(bound)
    low = ((bits & MASK) * bound) >> np.uint64(32)
    return (((bits >> np.uint64(32)) * bound + low) >> np.uint64(32)).astype(int)


def bootstrap(numerators, denominators):
    count = len(numerators)
    if count < 2:
        return None
    places = np.array([integers_below(count, SEED, (r, 0, 0), count) for r in range(RESAMPLES)])
    below = np.asarray(denominators)[places].sum(axis=1)
    if np.any(below == 0):
        return None
    return np.percentile(np.asarray(numerators)[places].sum(axis=1) / below, [2.5, 97.5]).tolist()


def groups_of(clusters, count):
    """Members of each cluster, in order of first appearance."""
    groups = {}
    for place in range(count):
        name = clusters[place] if clusters else None
        groups.setdefault(("alone", place) if name is None else name, []).append(place)
    return list(groups.values())


def standard_error(values, groups):
    if len(groups) < 2:
        return None
    if len(groups) == len(values):
        return float(stats.sem(values))
    codes = np.empty(len(values), dtype=int)
    for code, members in enumerate(groups):
        codes[members] = code
    fit = sm.OLS(values, np.ones(len(values))).fit(cov_type="cluster", cov_kwds={"groups": codes})
    return float(fit.bse[0])


def accuracy_case(scores, clusters):
    scores = np.asarray(scores, dtype=float)
    groups = groups_of(clusters, len(scores))
    mean, error = float(scores.mean()), standard_error(scores, groups)
    if len(groups) < len(scores) and error is not None and error > 1e-12:
        interval = [max(0, mean - DEVIATE * error), min(1, mean + DEVIATE * error)]
    else:
        size = len(groups)
        interval = list(map(float, proportion_confint(mean * size, size, method="wilson")))
    return {"scores": scores.tolist(), "clusters": clusters, "mean": mean, "error": error,
            "interval": interval}


def difference_case(baseline, candidate, clusters):
    differences = np.asarray(candidate, dtype=float) - np.asarray(baseline, dtype=float)
    groups = groups_of(clusters, len(differences))
    sums = [differences[members].sum() for members in groups]
    return {"baseline": baseline, "candidate": candidate, "clusters": clusters,
            "mean": float(differences.mean()), "error": standard_error(differences, groups),
            "interval": bootstrap(sums, [len(members) for members in groups])}


def totals_case(baseline, candidate, clusters):
    below, above = np.asarray(baseline, dtype=float), np.asarray(candidate, dtype=float)
    groups = groups_of(clusters, len(below))
    interval = bootstrap([above[g].sum() for g in groups], [below[g].sum() for g in groups])
    ratio = float(above.sum() / below.sum()) if below.sum() else None
    return {"baseline": baseline, "candidate": candidate, "clusters": clusters,
            "ratio": ratio, "interval": interval}


def latency_case(baseline, candidate):
    logarithms = np.log(candidate) - np.log(baseline)
    count, interval = len(logarithms), None
    if count > 1 and np.ptp(logarithms) > 0:
        bounds = stats.ttest_1samp(logarithms, 0).confidence_interval(0.95)
        interval = np.exp([bounds.low, bounds.high]).tolist()
    elif count > 1:
        interval = [math.exp(logarithms[0])] * 2
    center = np.median(logarithms)
    deviation = stats.median_abs_deviation(logarithms)
    outliers = int(np.sum(0.6745 * np.abs(logarithms - center) > 3.5 * deviation))
    return {"baseline": baseline, "candidate": candidate,
            "ratio": float(stats.gmean(candidate) / stats.gmean(baseline)),
            "interval": interval, "outliers": outliers}


def sign_flip_case(differences, clusters=None):
    values = np.asarray(differences, dtype=float)
    sums = np.array([values[members].sum() for members in groups_of(clusters, len(values))])
    sums = sums[sums != 0]
    exact = len(sums) <= 16
    if len(sums) < 2:
        p = 1.0
    elif exact:
        p = float(stats.permutation_test(
            (sums,), np.mean, permutation_type="samples", vectorized=True, n_resamples=np.inf,
            alternative="two-sided").pvalue)
    else:
        words = -(-len(sums) // 64)
        hits = 0
        for flip in range(FLIPS):
            bits = philox_bits(SEED, (flip, 1, 0), words)
            flags = [(int(bits[i // 64]) >> (i % 64)) & 1 for i in range(len(sums))]
            total = abs(np.dot(sums, 1 - 2 * np.array(flags)))
            hits += total >= abs(sums.sum()) - 1e-12 * np.abs(sums).sum()
        p = (1 + int(hits)) / (1 + FLIPS)
    return {"differences": differences, "clusters": clusters, "exact": exact, "p": p}


def detectable_case(pairs, discordance):
    level, power = DEVIATE, stats.norm.ppf(0.8)

    def lack(difference):
        psi = max(discordance, difference)
        return (level * math.sqrt(psi) + power * math.sqrt(psi - difference**2)
                - difference * math.sqrt(pairs))

    smallest = optimize.brentq(lack, 1e-12, 1, xtol=1e-15, rtol=1e-14) if pairs >= 6 else None
    return {"pairs": pairs, "discordance": discordance, "smallest": smallest}


def mcnemar_case(first, second):
    table = [[3, first], [second, 4]]
    return {"first": first, "second": second,
            "p": float(mcnemar(table, exact=True).pvalue)}


def names(count, size, loners=False):
    """Clusters of `size` neighbours; with loners, every ninth sample has none."""
    return [None if loners and i % 9 == 8 else f"c{i // size}" for i in range(count)]


def binary(count, p):
    return RNG.binomial(1, p, count).tolist()


SIZES = [1, 2, 3, 10, 97, 500]


def accuracies():
    for n in SIZES:
        yield accuracy_case(binary(n, 0.6), None)
        yield accuracy_case((RNG.integers(0, 5, n) / 4).tolist(), None)
        yield accuracy_case(binary(n, 0.4), names(n, 4))
    yield accuracy_case(binary(97, 0.9), names(97, 5, loners=True))
    for value, n in itertools.product([0, 1, 0.5], [1, 10, 300]):
        yield accuracy_case([value] * n, None)
        yield accuracy_case([value] * n, names(n, 3))
    yield accuracy_case([1, 0] * 6, names(12, 2))
    yield accuracy_case([1, 0, 1, 1], names(4, 1))
    yield accuracy_case([1, 0, 1], ["a", "a", "a"])


def differences():
    for n in SIZES:
        yield difference_case(binary(n, 0.4), binary(n, 0.6), None)
        yield difference_case(binary(n, 0.5), binary(n, 0.5), names(n, 4))
    quarters = (RNG.integers(0, 5, (2, 97)) / 4).tolist()
    yield difference_case(*quarters, None)
    yield difference_case(*quarters, names(97, 5, loners=True))
    yield difference_case([1, 0, 1, 0], [1, 0, 1, 0], None)
    yield difference_case([0] * 20, [1] * 20, None)
    yield difference_case([0, 1, 0], [1, 1, 0], ["a", "a", "a"])


def totals():
    for n in SIZES:
        below, above = RNG.integers(1, 300, (2, n)).tolist()
        yield totals_case(below, above, None)
        yield totals_case(below, above, names(n, 4))
    yield totals_case([5] * 9, [5] * 9, None)
    yield totals_case([3, 4], [0, 0], None)
    yield totals_case([0, 0, 0], [1, 2, 3], None)
    yield totals_case([0, 0, 7], [1, 2, 3], None)


def latencies():
    for n in SIZES:
        below = np.round(np.exp(RNG.normal(0, 0.5, n)), 4) + 0.001
        above = np.round(below * np.exp(RNG.normal(0.2, 0.1, n)), 4) + 0.001
        yield latency_case(below.tolist(), above.tolist())
        above[:: 10] *= 8
        yield latency_case(below.tolist(), above.tolist())
    yield latency_case([1.0] * 5, [2.0] * 5)
    yield latency_case([1.0] * 5, [2.0, 2.0, 2.0, 2.0, 2.5])


def sign_flips():
    for n in [2, 3, 5, 8, 12, 16]:
        yield sign_flip_case(RNG.integers(-3, 4, n).tolist())
        yield sign_flip_case(RNG.normal(0.5, 1, n).round(3).tolist())
        yield sign_flip_case([1] * n)
    yield sign_flip_case([0, 0, 5, -2, 0, 9, 4])
    yield sign_flip_case([0] * 30)
    yield sign_flip_case([3, -3])
    yield sign_flip_case([7])
    for n in [17, 64, 65, 300]:
        yield sign_flip_case(RNG.integers(-20, 24, n).tolist())
        yield sign_flip_case(RNG.normal(0.1, 1, n).round(3).tolist())
    yield sign_flip_case(RNG.integers(-20, 24, 60).tolist(), names(60, 5))
    yield sign_flip_case(RNG.integers(-20, 24, 200).tolist(), names(200, 5))


def holms():
    yield []
    yield [0.03]
    yield [0.0, 1.0]
    yield [0.01, 0.01, 0.01, 0.01]
    yield [0.04, 0.01, 0.03, 0.005, 0.2]
    yield [0.9, 0.8, 0.7]
    for n in [2, 6, 50, 500]:
        yield (RNG.random(n) ** 3).tolist()


def main():
    tails = [1e-300, 1e-100, 1e-15, 1e-6, 0.001, 0.02425, 0.025, 0.1, 0.2, 0.4, 0.5]
    upper = [0.6, 0.8, 0.9, 0.975, 0.999, 1 - 1e-9]
    freedoms = [1, 2, 3, 4.5, 9, 29, 96, 499, 10_000]
    shapes = [0.5, 1, 2.5, 10, 99.5, 500, 1000]
    pairs = [(0, 0), (0, 1), (1, 0), (1, 1), (0, 5), (0, 6), (6, 0), (1, 8), (5, 5), (5, 6),
             (3, 17), (20, 9), (0, 40), (49, 51), (33, 67), (120, 180), (249, 251), (500, 0)]
    draws = [(n, c, k) for n in [1, 2, 5, 16, 100, 500] for c in sorted({0, 1, n // 2, n - 1, n})
             for k in sorted({1, 2, n // 2, n}) if 1 <= k <= n]
    cases = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__,
                     "statsmodels": statsmodels.__version__},
        "seed": str(SEED), "resamples": RESAMPLES, "flips": FLIPS,
        "normal_quantile": [[p, float(special.ndtri(p))] for p in tails + upper],
        "normal_cumulative": [[x, float(stats.norm.cdf(x))]
                              for x in [-37, -10, -3, -1.5, -0.1, 0, 0.1, 1, 2.5, 6, 9]],
        "student_quantile": [[v, p, float(stats.t.isf(p, v))]
                             for v in freedoms for p in [1e-6, 0.005, 0.025, 0.05, 0.3, 0.5]],
        "student_tail": [[v, t, float(stats.t.sf(t, v))]
                         for v in freedoms for t in [0, 0.01, 0.5, 1, 2, 5, 40]],
        "incomplete_beta": [[x, a, b, float(special.betainc(a, b, x))]
                            for a in shapes for b in shapes
                            for x in [0, 0.01, 0.3, 0.5, 0.77, 0.999, 1]],
        "pass_at_k": [[k, n, c, float(1 - Fraction(math.comb(n - c, k), math.comb(n, k)))]
                      for n, c, k in draws],
        "accuracy": list(accuracies()),
        "difference": list(differences()),
        "totals": list(totals()),
        "latency": list(latencies()),
        "mcnemar": [mcnemar_case(*pair) for pair in pairs],
        "sign_flip": list(sign_flips()),
        "holm": [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist() if p else []}
                 for p in holms()],
        "detectable": [detectable_case(n, psi) for n in [1, 5, 6, 10, 50, 200, 500, 10_000]
                       for psi in [0, 0.005, 0.05, 0.2, 0.5, 1]],
    }
    path = pathlib.Path(__file__).with_name("cases.json")
    path.write_text(json.dumps(cases, separators=(",", ":")).replace("},{", "},\n{") + "\n")


main()
