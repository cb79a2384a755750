#!/usr/bin/python3
"""Check the metrics room against numpy and scipy.

usage: oracle.py DUMP     (the program made of dump.c)

Metrics against numpy and scipy.stats.pearsonr; intervals against a plain
bootstrap-t over rows with numpy's own random numbers; exact p values against
swaps of the rows themselves; ridge against numpy.linalg.solve, its penalty
against folds written out here. Exit code 77 where numpy or scipy is missing.
"""
import itertools
import subprocess
import sys

try:
    import numpy as np
    from scipy import stats
except ImportError:
    print("skipped: numpy or scipy is missing")
    sys.exit(77)

NAMES = ["mae", "rmse", "ccc", "pearson", "sd_ratio"]
PENALTIES = 10 ** np.arange(-1, 5.5, 0.5)
failures = 0


def check(what, seen, wanted, tolerance):
    """Print the worst deviation; count a failure where it is too large."""
    global failures
    off = np.max(np.abs(np.asarray(seen) - np.asarray(wanted)))
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


def metrics(y, f):
    error = f - y
    bias = error.mean()
    sd_y, sd_f = y.std(), f.std()
    cov = ((y - y.mean()) * (f - f.mean())).mean()
    return np.array([
        np.abs(error).mean(), np.sqrt((error ** 2).mean()),
        2 * cov / (sd_y ** 2 + sd_f ** 2 + bias ** 2),
        cov / (sd_y * sd_f), sd_f / sd_y])


def scale(m):
    return np.where([1, 1, 0, 0, 1], np.log(np.abs(m)),
                    np.arctanh(np.clip(m, -0.999999999, 0.999999999)))


def unscale(z):
    return np.where([1, 1, 0, 0, 1], np.exp(z), np.tanh(z))


def jackknife(groups, statistic):
    """Statistic and standard error of a list of groups of rows."""
    n = len(groups)
    left = np.array([statistic(np.concatenate(groups[:i] + groups[i + 1:]))
                     for i in range(n)])
    error = np.sqrt((n - 1) / n * ((left - left.mean(0)) ** 2).sum(0))
    return statistic(np.concatenate(groups)), error


def interval(groups, statistic, n_replicates, rng):
    n = len(groups)
    centre, error = jackknife(groups, statistic)
    if n < 6:
        factor = stats.t.ppf(0.975, n - 1)
    else:
        t = []
        for _ in range(n_replicates):
            drawn = [groups[i] for i in rng.integers(0, n, n)]
            g, s = jackknife(drawn, statistic)
            t.append(np.abs(g - centre) / s)
        factor = np.quantile(t, 0.95, axis=0)
    return centre - factor * error, centre + factor * error


def simulate(n_clusters, rng):
    sizes = rng.integers(5, 12, n_clusters)
    cluster = np.repeat(np.arange(n_clusters), sizes)
    y = 3 + rng.normal(0, 0.8, len(cluster))
    level = rng.normal(0, 0.25, (2, n_clusters))[:, cluster]
    a = 3.1 + level[0] + 0.7 * (y - 3) + rng.normal(0, 0.4, len(y))
    b = 3.0 + level[1] + 0.6 * (y - 3) + rng.normal(0, 0.5, len(y))
    return cluster, np.stack([y, a, b], 1)


def swap_p(cluster, rows, n_clusters):
    """The share of all swaps with a difference at least as large."""
    def difference(r):
        return metrics(r[:, 0], r[:, 1]) - metrics(r[:, 0], r[:, 2])
    seen = np.abs(difference(rows))
    count = np.zeros(len(NAMES))
    for swaps in itertools.product([False, True], repeat=n_clusters):
        swapped = np.where(np.array(swaps)[cluster][:, None],
                           rows[:, [0, 2, 1]], rows)
        count += np.abs(difference(swapped)) >= seen - 1e-12
    return count / 2 ** n_clusters


def check_comparisons(dump):
    rng = np.random.default_rng(20200222)
    sizes = [3, 5, 7, 10]
    data = [simulate(n, rng) for n in sizes]
    requests = [
        f"compare {len(rows)} {n} 20000\n" + "\n".join(
            " ".join(f"{v:.17g}" for v in row) + f" {c}"
            for row, c in zip(rows, cluster))
        for n, (cluster, rows) in zip(sizes, data)]
    for n, (cluster, rows), out in zip(sizes, data, run(dump, requests)):
        groups = [rows[cluster == c] for c in range(n)]
        a, b = (metrics(rows[:, 0], rows[:, k]) for k in (1, 2))
        check(f"{n} speakers: metrics", out[:5], a, 1e-13)
        check(f"{n} speakers: r of scipy", out[3],
              stats.pearsonr(rows[:, 0], rows[:, 1])[0], 1e-13)
        check(f"{n} speakers: A - B", out[15:20], a - b, 1e-13)
        # 200 replicates leave the quantile an error of several per cent.
        tolerance = 1e-9 if n < 6 else 0.2
        low, high = interval(
            groups, lambda r: scale(metrics(r[:, 0], r[:, 1])), 200, rng)
        seen = out[5:15].reshape(5, 2)
        width = high - low
        check(f"{n} speakers: low", (scale(seen[:, 0]) - low) / width,
              0, tolerance)
        check(f"{n} speakers: high", (scale(seen[:, 1]) - high) / width,
              0, tolerance)
        low, high = interval(
            groups, lambda r: metrics(r[:, 0], r[:, 1])
            - metrics(r[:, 0], r[:, 2]), 200, rng)
        seen = out[20:30].reshape(5, 2)
        width = high - low
        check(f"{n} speakers: A - B low", (seen[:, 0] - low) / width,
              0, tolerance)
        check(f"{n} speakers: A - B high", (seen[:, 1] - high) / width,
              0, tolerance)
        if n < 8:
            check(f"{n} speakers: p", out[30:35], swap_p(cluster, rows, n),
                  1e-12)


def ridge(x, y, weight, penalty):
    """Intercept and weights from the normal equations with an intercept."""
    n_in = x.shape[1]
    z = np.column_stack([np.ones(len(y)), x])
    matrix = z.T @ (weight[:, None] * z) + penalty * np.diag([0] + [1] * n_in)
    return np.linalg.solve(matrix, z.T @ (weight * y))


def best_penalty(x, y, weight, group):
    order = list(dict.fromkeys(group))
    fold = np.array([order.index(g) for g in group]) % min(5, len(order))
    errors = []
    for penalty in PENALTIES:
        error = 0
        for f in range(fold.max() + 1):
            held = fold == f
            b = ridge(x[~held], y[~held], weight[~held], penalty)
            error += (weight[held]
                      * (y[held] - b[0] - x[held] @ b[1:]) ** 2).sum()
        errors.append(error)
    return PENALTIES[np.argmin(errors)]


def check_ridge(dump):
    rng = np.random.default_rng(384)
    shapes = [(30, 4, 7, 1.0), (200, 90, 10, 30.0), (60, 150, 5, 0.1),
              (154, 384, 10, 1000.0), (100, 100, 3, 3.0)]
    data, requests = [], []
    for n, n_in, n_groups, penalty in shapes:
        x = rng.normal(0, 1, (n, n_in)).astype(np.float32)
        group = rng.integers(0, n_groups, n)
        weight = rng.uniform(0.2, 2, n)
        y = 3 + x[:, :4] @ [.5, -.3, .2, .1] + rng.normal(0, .5, n)
        data.append((x.astype(float), y, weight, group, penalty))
        requests.append(f"ridge {n} {n_in} {penalty}\n" + "\n".join(
            f"{y[i]:.17g} {weight[i]:.17g} {group[i]} "
            + " ".join(f"{v:.9g}" for v in x[i]) for i in range(n)))
    for (x, y, weight, group, penalty), out in zip(data, run(dump, requests)):
        n, n_in = x.shape
        check(f"ridge {n} x {n_in}: penalty {penalty:g}", out[:n_in + 1],
              ridge(x, y, weight, penalty), 1e-9)
        best = best_penalty(x, y, weight, group)
        check(f"ridge {n} x {n_in}: log10 of the penalty",
              np.log10(out[-1]), np.log10(best), 1e-12)
        check(f"ridge {n} x {n_in}: fit", out[n_in + 1:-1],
              ridge(x, y, weight, best), 1e-9)


check_comparisons(sys.argv[1])
check_ridge(sys.argv[1])
print(f"{failures} failures")
sys.exit(failures > 0)
