#!/usr/bin/python3
"""Check the paired tests, Holm, power and rater agreement against scipy.

usage: paired_oracle.py DUMP     (the program made of paired_dump.c)

Sign flips against scipy.stats.permutation_test and, where signs are drawn at
random, against more random ones; Wilcoxon against scipy.stats.wilcoxon;
intervals against scipy.stats.t; power against scipy.stats.nct; the rest against
plain numpy written out here. Exit code 77 where numpy or scipy is missing.
"""
import subprocess
import sys
import warnings

try:
    import numpy as np
    from scipy import optimize, stats
except ImportError:
    print("skipped: numpy or scipy is missing")
    sys.exit(77)

NAMES = ["mae", "rmse", "ccc", "pearson", "sd_ratio"]
N_FLIPS = 100000
TOLERANCE = 1e-12
failures = 0


def check(what, seen, wanted, tolerance):
    """Print the worst deviation; count a failure where it is too large."""
    global failures
    seen, wanted = np.asarray(seen, float), np.asarray(wanted, float)
    same = np.isnan(seen) & np.isnan(wanted)
    off = np.max(np.where(same, 0, np.abs(seen - wanted)), initial=0)
    verdict = "ok" if off <= tolerance else "FAILED"
    failures += verdict == "FAILED"
    print(f"{verdict:6} {what}: off by {off:.2g}, allowed {tolerance:g}")
    if verdict == "FAILED":
        print("  seen  ", seen, "\n  wanted", wanted)


def run(dump, requests):
    """One line of numbers a request."""
    text = subprocess.run([dump], input="\n".join(requests), text=True,
                          capture_output=True, check=True).stdout
    return [np.array(line.split(), float) for line in text.splitlines()]


def numbers(values):
    return " ".join(f"{v:.17g}" for v in values)


def student(p, degrees):
    """The t that T exceeds with probability p; stats.t.ppf has 10 digits."""
    return optimize.brentq(lambda t: stats.t.sf(t, degrees) - p, 0, 1000,
                           xtol=1e-14, rtol=1e-15)


def all_sums(d):
    """The 2^n sums of the differences with all signs."""
    sums = np.zeros(1)
    for x in d:
        sums = np.concatenate([sums + x, sums - x])
    return sums


def random_sums(d, rng):
    return np.concatenate([rng.choice([-1., 1.], (2000, len(d))) @ d
                           for _ in range(N_FLIPS // 2000)])


def signflip(d, rng):
    """p and how far a p of random signs may be from it."""
    if len(d) <= 14:
        result = stats.permutation_test(
            (d,), np.sum, permutation_type="samples", n_resamples=np.inf)
        return result.pvalue, TOLERANCE
    exact = len(d) <= 20
    sums = all_sums(d) if exact else random_sums(d, rng)
    p = np.mean(np.abs(sums) >= abs(d.sum()) - 1e-12)
    return p, TOLERANCE if exact else 5 * np.sqrt(
        2 * p * (1 - p) / N_FLIPS) + 2 / N_FLIPS


def wilcoxon(d):
    kept = d[d != 0]
    exact = (len(kept) == len(d) <= 50
             and len(np.unique(np.abs(d))) == len(d))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        p = stats.wilcoxon(d, method="exact" if exact else "approx").pvalue
    rank = stats.rankdata(np.abs(kept))
    biserial = (rank * np.sign(kept)).sum() / rank.sum()
    return p, biserial, exact


def check_paired(what, out, d, rng):
    n_all, d = len(d), d[~np.isnan(d)]
    n, sd = len(d), np.std(d, ddof=1)
    half = student(.025, n - 1) * sd / np.sqrt(n)
    check(f"{what}: counts", out[:2], [n, n_all - n], 0)
    check(f"{what}: mean, interval, sd, d_z", out[2:7],
          [d.mean(), d.mean() - half, d.mean() + half, sd, d.mean() / sd],
          TOLERANCE)
    p, biserial, exact = wilcoxon(d)
    check(f"{what}: rank-biserial", out[7], biserial, TOLERANCE)
    p_flips, tolerance = signflip(d, rng)
    check(f"{what}: sign flips", out[8], p_flips, tolerance)
    check(f"{what}: Wilcoxon, exact {exact}", out[9], p, TOLERANCE)
    check(f"{what}: which are exact", out[10:], [n <= 20, exact], 0)


def check_tests(dump):
    rng = np.random.default_rng(1945)
    cases = {}
    for n in [2, 3, 5, 6, 9, 10, 14, 17, 20, 21, 30, 49, 50, 51, 80, 400]:
        cases[f"{n} speakers"] = rng.normal(.8 / np.sqrt(n), 1, n)
    for n in [4, 10, 12, 25, 60]:
        cases[f"{n} speakers with ties"] = rng.integers(1, 5, n) / 4. \
            * rng.choice([-1, 1], n, p=[.3, .7])
        zeros = rng.normal(.3, 1, n)
        zeros[::3] = 0
        cases[f"{n} speakers with zeros"] = zeros
    cases["undefined ones"] = np.array([.3, np.nan, -.1, .4, .2, np.nan, .7])
    cases["large and small"] = 1e6 * rng.normal(.5, 1, 12) ** 5
    requests = [f"test {len(d)}\n{numbers(d)}" for d in cases.values()]
    for (what, d), out in zip(cases.items(), run(dump, requests)):
        scale = np.nanmax(np.abs(d))
        out[2:6] /= scale
        check_paired(what, out, d / scale, rng)


def metric(name, y, f):
    cov = np.cov(y, f, bias=True)
    return {"mae": lambda: np.abs(f - y).mean(),
            "rmse": lambda: np.sqrt(((f - y) ** 2).mean()),
            "ccc": lambda: 2 * cov[0, 1] / (cov[0, 0] + cov[1, 1]
                                            + (f.mean() - y.mean()) ** 2),
            "pearson": lambda: stats.pearsonr(y, f)[0],
            "sd_ratio": lambda: np.std(f) / np.std(y)}[name]()


def check_comparisons(dump):
    rng = np.random.default_rng(2020)
    requests, wanted = [], []
    for m, name in enumerate(NAMES):
        for n_speakers, n_a, n_b in [(6, 3, 3), (11, 5, 1), (24, 1, 2)]:
            speaker = rng.permutation(np.repeat(
                np.arange(n_speakers), rng.integers(3, 9, n_speakers)))
            y = 3 + rng.normal(0, .8, len(speaker))
            a = 3 + .7 * (y - 3) + rng.normal(0, .4, (n_a, len(y)))
            b = 3 + .6 * (y - 3) + rng.normal(0, .5, (n_b, len(y)))
            requests.append(
                f"compare {m} {len(y)} {n_speakers} {n_a} {n_b}\n"
                + "\n".join(numbers([y[i], speaker[i], *a[:, i], *b[:, i]])
                            for i in range(len(y))))
            d = [np.mean([metric(name, y[s], f[s]) for f in a])
                 - np.mean([metric(name, y[s], f[s]) for f in b])
                 for s in (speaker == k for k in range(n_speakers))]
            if name == "mae":
                error = np.abs(a - y).mean(0) - np.abs(b - y).mean(0)
                check(f"mae of {n_speakers} speakers from averaged errors",
                      [error[speaker == k].mean() for k in range(n_speakers)],
                      d, TOLERANCE)
            wanted.append((f"{name}, {n_speakers} speakers, seeds {n_a} {n_b}",
                           np.array(d)))
    for (what, d), out in zip(wanted, run(dump, requests)):
        check_paired(what, out, d, rng)


def detectable(n, alpha, power):
    t, root = student(alpha / 2, n - 1), np.sqrt(n)

    def excess(delta):
        # P(T < -t) is P(T > t) of the mirrored one; too small, scipy fails.
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            above, below = stats.nct.sf(t, n - 1, [delta * root, -delta * root])
        return above + np.nan_to_num(below) - power
    high = .01
    while excess(high) < 0:
        high *= 1.5
    return optimize.brentq(excess, high / 2, high, xtol=1e-14, rtol=1e-14)


def check_power(dump):
    cases = [(n, .05, .8) for n in [2, 3, 4, 5, 6, 8, 10, 14, 20, 33, 34, 50,
                                    100, 1000]]
    cases += [(10, .01, .8), (10, .05, .95), (12, .1, .5), (5, .05, .2), (2, .2, .5),
              (3, .001, .9), (200, .001, .999)]
    requests = [f"detectable {n} {a} {p}" for n, a, p in cases]
    for (n, a, p), out in zip(cases, run(dump, requests)):
        wanted = detectable(n, a, p)
        check(f"detectable, {n} speakers, alpha {a}, power {p}: {out[0]:.4f}",
              out[0] / wanted, 1, 1e-10)


def holm(p):
    order = np.argsort(p, kind="stable")
    m = np.sum(~np.isnan(p))
    out = np.full(len(p), np.nan)
    out[order[:m]] = np.minimum(1, np.maximum.accumulate(
        p[order[:m]] * (m - np.arange(m))))
    return out


def check_holm(dump):
    rng = np.random.default_rng(1979)
    families = [np.array([.01, .04, .03, .005]), np.array([.5, np.nan, .01]),
                rng.uniform(0, 1, 40) ** 3, np.round(rng.uniform(0, .2, 30), 2),
                np.array([np.nan, np.nan]), np.array([0., 1., 0.])]
    requests = [f"holm {len(p)}\n{numbers(p)}" for p in families]
    for p, out in zip(families, run(dump, requests)):
        check(f"Holm of {len(p)}", out, holm(p), 1e-15)
    check("Holm by hand", run(dump, requests[:1])[0], [.03, .06, .06, .02],
          1e-15)


def check_ceiling(dump):
    rng = np.random.default_rng(5)
    for n_rows, most, offset in [(50, 4, 0), (400, 9, 0), (30, 3, 1e5)]:
        rows = [offset + np.clip(np.round(rng.normal(3, 1)
                                          + rng.normal(0, .7, k), 1), 1, 5)
                for k in rng.integers(0, most + 1, n_rows)]
        pairs = np.array([(np.delete(r, i).mean(), r[i])
                          for r in rows if len(r) > 1 for i in range(len(r))])
        n = sum(len(r) > 1 for r in rows)
        out, = run(dump, [f"ceiling {n_rows}\n" + "\n".join(
            f"{len(r)} {numbers(r)}" for r in rows)])
        check(f"raters of {n_rows} rows about {offset:g}", out,
              [metric("mae", *pairs.T), metric("ccc", *pairs.T), n, len(pairs),
               len(pairs) / n], 1e-10)


check_tests(sys.argv[1])
check_comparisons(sys.argv[1])
check_power(sys.argv[1])
check_holm(sys.argv[1])
check_ceiling(sys.argv[1])
print(f"{failures} failures")
sys.exit(failures > 0)
