#!/usr/bin/python3
"""One training step of each smoothing, against numpy.

usage: step.py DUMP_PROGRAM float|double|bf16

DUMP_PROGRAM (dump_step.c) prints networks, batches and what the library made
of them. Here the same is computed from nothing but the inputs, in double,
with a forward and backward pass, a Philox and directions of their own; the
top eigenvector comes from numpy.linalg.eigh. Every tensor must agree within
1e-5 (float) or 1e-12 (double) of its largest entry. With several outputs the
finite difference of the power iteration passes on rounding errors times
1 / xi: those cases are allowed ten of them.

One case is trained for five steps down three losses, without smoothing: there
the allowed errors are 2e-6 and 1e-14. Each step's Adam is computed from the
state and the gradient that the library had: where a gradient is near 0, Adam
makes of a rounding error a whole step.

With bf16 products a few units of these small networks fall on the other side
of 0, which changes a row by its own size. So there the errors of r, of the
outputs, of both terms and of the whole gradient, each the root mean square of
the error over that of the numbers, may be 0.5 in any case, and 0.01 in the
middle one.
"""

import itertools
import math
import subprocess
import sys

import numpy as np

TEXTS = {"case", "kind", "direction", "loss", "output"}
COUNTS = {"layers", "iterations", "seed", "step", "n_labelled", "t"}
NUMBERS = {"lambda", "epsilon", "xi", "relative", "dropout"}
LEAST_SPREAD = 0.1
PURPOSE_DIRECTION, PURPOSE_DROPOUT = 3, 32
BF16_WORST, BF16_MIDDLE = 0.5, 0.01
BF16_ALONE = "r", "y_hat", "supervised", "smoothing"
GROUP = {"d": "gradient"}  # first letter of a tensor's name: its group
TOLERANCE = {"float": 1e-5, "double": 1e-12}
TRAINED = {"float": 2e-6, "double": 1e-14}
ADAM = {"alpha": 0.01, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
        "decay": 0.1}
ROUNDING = {"float": 2.0**-24, "double": 2.0**-53}


def read_cases(text):
    """The dump's cases, each a dict from name to text, number or array."""
    lines = iter(text.splitlines())
    case = {}
    for line in lines:
        name, rows, columns = line.split()
        if name == "end":
            yield case
            case = {}
            continue
        body = [next(lines).split() for _ in range(int(rows))]
        if name in TEXTS:
            case[name] = body[0][0]
        elif name in COUNTS:
            case[name] = int(float(body[0][0]))
        elif name == "row_id":
            case[name] = [int(word) for word in body[0]]
        elif name in NUMBERS:
            case[name] = float(body[0][0])
        else:
            case[name] = np.array(body, float).reshape(int(rows), int(columns))


def philox(counter, key):
    """Philox4x32-10 (Salmon et al., SC 2011)."""
    mask = 0xFFFFFFFF
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c0, 0xCD9E8D57 * c2
        c0, c1, c2, c3 = ((p1 >> 32) ^ c1 ^ k0, p1 & mask,
                          (p0 >> 32) ^ c3 ^ k1, p0 & mask)
        k0, k1 = (k0 + 0x9E3779B9) & mask, (k1 + 0xBB67AE85) & mask
    return c0, c1, c2, c3


def words(case, row_id, purpose=PURPOSE_DIRECTION):
    """The random 32-bit words of a row in this step."""
    key = case["seed"] & 0xFFFFFFFF, case["seed"] >> 32
    block = 0
    while True:
        yield from philox(
            (block, purpose, case["step"], row_id), key)
        block += 1


def uniform(stream):
    high = next(stream)
    return (((high << 32) | next(stream)) >> 11) * 2.0**-53


def normal(stream):
    """Box-Muller, the cosine of the pair."""
    u = 1.0 - uniform(stream)
    v = uniform(stream)
    return math.sqrt(-2.0 * math.log(u)) * math.cos(2.0 * math.pi * v)


def random_unit(case, row_id):
    stream = words(case, row_id)
    d = np.array([normal(stream) for _ in range(case["x"].shape[1])])
    return d / np.linalg.norm(d)


def forward(case, x):
    """Hidden values, first x, last the output before its activation."""
    h = [x]
    for layer in range(case["layers"]):
        z = h[-1] @ case[f"W{layer}"].T + case[f"b{layer}"]
        h.append(z if layer == case["layers"] - 1
                 else np.maximum(z, 0.0) * mask(case, layer, *z.shape))
    return h


def mask(case, layer, rows, units):
    """What dropout makes of the units of a layer: 0 or 1 / (1 - p)."""
    p = case["dropout"]
    draw = [list(itertools.islice(words(case, row_id, PURPOSE_DROPOUT + layer),
                                  units))
            for row_id in case["row_id"][:rows]]
    return (np.array(draw).reshape(rows, units) >= 2.0**32 * p) / (1.0 - p)


def activate(case, z):
    return np.maximum(z, 0.0) if case["output"] == "relu" else z


def backward(case, h, dz):
    """Gradient by every parameter and by x, from that by the last z."""
    gradient = {}
    for layer in reversed(range(case["layers"])):
        gradient[f"dW{layer}"] = dz.T @ h[layer]
        gradient[f"db{layer}"] = dz.sum(axis=0, keepdims=True)
        dz = dz @ case[f"W{layer}"]
        if layer > 0:
            dz = dz * (h[layer] > 0.0) / (1.0 - case["dropout"])
    return gradient, dz


def through_output(case, h, df):
    return df * (h[-1] > 0.0) if case["output"] == "relu" else df


def supervised(case, f, w):
    """L and dL/df over the labelled rows."""
    y = case["y"]
    n = len(y)
    mask = ~np.isnan(y)
    y = np.where(mask, y, 0.0)
    if case["loss"] == "ccc":
        parts = [one_minus_ccc(y[:, k], f[:, k], mask[:, k] * w[:n])
                 for k in range(y.shape[1])]
        return (sum(value for value, _ in parts),
                np.stack([slope for _, slope in parts], axis=1))
    if case["loss"] == "nll":
        value, slope = surprise(case["y"], f)
        half = f.shape[1] // 2
        value = value + mask[:, :half] * math.log(2.0 * math.pi) / 2.0
        return np.sum(w[:n, None] / n * value), w[:n, None] / n * slope
    scale = mask * w[:n, None] / n
    if case["loss"] == "bce":
        return (np.sum(scale * (np.logaddexp(0.0, f) - y * f)),
                scale * (logistic(f) - y))
    return np.sum(scale * (y - f)**2), scale * 2.0 * (f - y)


def logistic(z):
    return 1.0 / (1.0 + np.exp(-z))


LEAST_SD = 0.05


def deviation(a):
    """s of the outputs a, and d ln s / da."""
    s2 = LEAST_SD**2 + np.exp(2.0 * a)
    return np.sqrt(s2), np.exp(2.0 * a) / s2


def surprise(y, f):
    """ln s + (y - f)^2 / (2 s^2) of each target, and its derivatives by the
    outputs; 0 where y is missing."""
    half = f.shape[1] // 2
    y, mask = y[:, :half], ~np.isnan(y[:, :half])
    s, h = deviation(f[:, half:])
    z = np.where(mask, f[:, :half] - np.nan_to_num(y), 0.0) / s
    slope = np.concatenate([z / s, h * (1.0 - z**2)], axis=1)
    return (mask * (np.log(s) + z**2 / 2.0),
            slope * np.concatenate([mask, mask], axis=1))


def one_minus_ccc(y, f, v):
    """1 - CCC with weights v, and its derivative by f."""
    v = v / v.sum()
    dy, df = y - v @ y, f - v @ f
    bias = v @ y - v @ f
    covariance = v @ (dy * df)
    size = v @ (dy * dy) + v @ (df * df) + bias**2
    slope = 2.0 * v * (dy / size - covariance * 2.0 * (df - bias) / size**2)
    return 1.0 - 2.0 * covariance / size, -slope


def jacobian(case, x):
    """dz_k / dx, shape (rows, K, n_in)."""
    h = forward(case, x)
    n_out = h[-1].shape[1]
    unit = np.eye(n_out)
    return np.stack([
        backward(case, h, np.tile(unit[k], (len(x), 1)))[1]
        for k in range(n_out)], axis=1)


def normal_divergence(f, moved):
    """KL of each pair's normal distributions; derivatives by the moved."""
    half = f.shape[1] // 2
    s, _ = deviation(f[:, half:])
    t, h = deviation(moved[:, half:])
    gap = moved[:, :half] - f[:, :half]
    value = np.log(t / s) + (s**2 + gap**2) / (2.0 * t**2) - 0.5
    return value, np.concatenate(
        [gap / t**2, h * (1.0 - (s**2 + gap**2) / t**2)], axis=1)


def direction_at(case):
    y = case["y"]
    h = forward(case, case["x"][:len(y)])
    f = activate(case, h[-1])
    if case["loss"] == "bce":
        dz = np.where(np.isnan(y), 0.0, logistic(f) - np.nan_to_num(y))
    elif case["loss"] == "nll":
        dz = surprise(y, f)[1]
    else:
        dz = (np.where(np.isnan(y), 0.0, f - np.nan_to_num(y))
              / case["sigma"]**2)
    g = np.zeros_like(case["x"])
    g[:len(y)] = backward(case, h, dz)[1]
    return g


def direction_exact(case):
    """Top right singular direction of F^1/2 J, by the full n_in x n_in
    matrix, with its sign from the largest entry of u and a random bit."""
    g = np.zeros_like(case["x"])
    z = forward(case, case["x"])[-1]
    for i, jac in enumerate(jacobian(case, case["x"])):
        if not jac.any():
            continue
        if case["loss"] == "bce":
            p = logistic(z[i])
            a = jac * np.sqrt(p * (1.0 - p))[:, None]
        elif case["loss"] == "nll":
            s, h = deviation(z[i, len(z[i]) // 2:])
            a = jac * np.concatenate([1.0 / s, math.sqrt(2.0) * h])[:, None]
        else:
            a = jac / case["sigma"].T
        v = np.linalg.eigh(a.T @ a)[1][:, -1]
        u = a @ v
        sign = -1.0 if u[np.argmax(np.abs(u))] < 0.0 else 1.0
        bit = next(words(case, case["row_id"][i])) >> 31
        g[i] = v * sign * (-1.0 if bit else 1.0)
    return g


def direction_power(case):
    x = case["x"]
    z = forward(case, x)[-1]
    d = np.stack([random_unit(case, row) for row in case["row_id"]])
    size = np.linalg.norm(x, axis=1, keepdims=True)
    size = np.where(size > 0.0, size, 1.0)
    for _ in range(case["iterations"]):
        h = forward(case, x + case["xi"] * size * d)
        if case["loss"] == "bce":
            dz = logistic(h[-1]) - logistic(z)
        elif case["loss"] == "nll":
            dz = normal_divergence(z, h[-1])[1]
        else:
            dz = (h[-1] - z) / case["sigma"]**2
        g = backward(case, h, dz)[1]
        norm = np.linalg.norm(g, axis=1, keepdims=True)
        d = np.where(norm > 0.0, g / np.where(norm > 0.0, norm, 1.0), d)
    return d


def direction_noise(case):
    return np.stack([random_unit(case, row) for row in case["row_id"]])


def perturbation(case):
    x = case["x"]
    kind = case["kind"]
    if kind == "none":
        return np.zeros_like(x)
    if kind == "vat":
        kind = "vat-" + case["direction"]
    g = {"noise": direction_noise, "at": direction_at,
         "vat-exact": direction_exact, "vat-power": direction_power}[kind](case)
    norm = np.linalg.norm(g, axis=1, keepdims=True)
    covered = len(case["y"]) if kind == "at" else len(x)
    for i in range(covered):
        if norm[i] == 0.0:
            g[i], norm[i] = random_unit(case, case["row_id"][i]), 1.0
    return case["epsilon"] * g / np.where(norm > 0.0, norm, 1.0)


def second_term(case, f, r, w):
    """R and the gradient of lambda R; f and r are constants."""
    n = len(case["y"]) if case["kind"] == "at" else len(case["x"])
    target = case["y"] if case["kind"] == "at" else f
    mask = ~np.isnan(target)
    h = forward(case, (case["x"] + r)[:n])
    moved = activate(case, h[-1])
    if case["loss"] == "bce":
        p = target if case["kind"] == "at" else logistic(target)
        p = np.where(mask, p, 0.5)
        q = logistic(moved)
        scale = mask * w[:n, None] / n
        value = np.sum(scale * (p * np.log(p / q)
                                + (1.0 - p) * np.log((1.0 - p) / (1.0 - q))))
        df = case["lambda"] * scale * (q - p)
    elif case["loss"] == "nll":
        each, slope = (surprise(target, moved) if case["kind"] == "at"
                       else normal_divergence(target, moved))
        value = np.sum(w[:n, None] / n * each)
        df = case["lambda"] * w[:n, None] / n * slope
    else:
        delta = mask * (moved - np.where(mask, target, 0.0))
        scale = w[:n, None] / n / case["sigma"]**2
        value = np.sum(scale * delta**2 / 2.0)
        df = case["lambda"] * scale * delta
    return value, backward(case, h, through_output(case, h, df))[0]


def spread(case):
    """sigma of D: relative to the clean outputs where that is asked for."""
    f = activate(case, forward(case, case["x"])[-1])
    n = len(case["y"]) if case["kind"] == "at" else len(f)
    if case["relative"] == 0.0 or n == 0:
        return case["sigma"]
    return case["sigma"] * np.maximum(f[:n].std(axis=0), LEAST_SPREAD)


def compute(case):
    """Everything the dump holds under out., by name."""
    case = {**case, "sigma": spread(case)}
    w = case.get("weight", np.ones((1, len(case["x"]))))[0]
    f = activate(case, forward(case, case["x"])[-1])
    r = perturbation(case)
    n = case["n_labelled"]
    value, df = supervised(case, f[:n], w) if n else (0.0, f[:0])
    h = forward(case, case["x"][:n])
    total = backward(case, h, through_output(case, h, df))[0]
    smoothing = 0.0
    if case["kind"] != "none":
        smoothing, gradient = second_term(case, f, r, w)
        total = {name: total[name] + gradient[name] for name in total}
    return {"r": r, "y_hat": f, "supervised": np.array([[value]]),
            "smoothing": np.array([[smoothing]]), **total}


def adam(case):
    """State after the step, by name."""
    t, g = case["t"], case["gradient"]
    m = ADAM["beta1"] * case["adam.moment1"] + (1.0 - ADAM["beta1"]) * g
    v = ADAM["beta2"] * case["adam.moment2"] + (1.0 - ADAM["beta2"]) * g**2
    m_hat = m / (1.0 - ADAM["beta1"]**t)
    v_hat = v / (1.0 - ADAM["beta2"]**t)
    p = case["adam.parameters"]
    p = p - ADAM["alpha"] * (m_hat / (np.sqrt(v_hat) + ADAM["epsilon"])
                             + ADAM["decay"] * p)
    return {"adam.parameters": p, "adam.moment1": m, "adam.moment2": v}


def allowed(case, precision):
    if "t" in case:
        return TRAINED[precision]
    if case["direction"] == "power" and case["sigma"].size > 1:
        return max(TOLERANCE[precision],
                   10.0 * ROUNDING[precision] / case["xi"])
    return TOLERANCE[precision]


def compare(case, results, tolerance):
    """Print the worst error of the case; whether all of it is within."""
    worst = (0.0, "")
    for name, want in results.items():
        got = np.reshape(case["out." + name], want.shape)
        if want.size == 0:
            continue
        error = np.abs(got - want)
        at = np.unravel_index(np.argmax(error), error.shape)
        size = np.max(np.abs(want))
        ratio = error[at] / size if size > 0.0 else error[at]
        if not ratio <= tolerance:
            print(f"FAIL {case['case']}: {name}{list(map(int, at))}: "
                  f"library {got[at]:.17g}, numpy {want[at]:.17g}, error "
                  f"{ratio:.3g} of the largest entry, allowed {tolerance:.3g}"
                  f" (seed {case['seed']})")
            return False
        worst = max(worst, (ratio, name))
    print(f"{case['case']:18s} worst {worst[0]:.2e} ({worst[1]}), "
          f"allowed {tolerance:.0e}")
    return True


def rms_error(case, want, group):
    """Of a tensor, or of all of a group as one; 0 where they are all 0."""
    names = [name for name in want if group in (name, GROUP.get(name[0]))]
    got = np.concatenate([case["out." + name].ravel() for name in names])
    true = np.concatenate([want[name].ravel() for name in names])
    return np.linalg.norm(got - true) / max(np.linalg.norm(true), 1e-300)


def compare_bf16(cases):
    """Print each group's errors; whether all of them are within."""
    want = [compute(case) for case in cases]
    good = True
    for group in [*BF16_ALONE, *GROUP.values()]:
        errors = [rms_error(case, true, group)
                  for case, true in zip(cases, want)]
        worst, middle = np.argmax(errors), np.median(errors)
        print(f"bf16 {group:10s} middle error {middle:.2e}, worst "
              f"{errors[worst]:.2e} ({cases[worst]['case']}), allowed "
              f"{BF16_MIDDLE} and {BF16_WORST}")
        good &= middle <= BF16_MIDDLE and errors[worst] <= BF16_WORST
    return good


def main():
    program, precision = sys.argv[1:]
    options = ["bf16"] if precision == "bf16" else []
    run = subprocess.run([program, *options], stdout=subprocess.PIPE, text=True)
    if run.returncode != 0:  # 77: a tier that is not here
        sys.exit(run.returncode)
    cases = list(read_cases(run.stdout))
    if len(cases) < 10:
        sys.exit(f"only {len(cases)} cases in the dump")
    trained = [case for case in cases if "t" in case]
    if [c["loss"] for c in trained] != "bce ccc mse bce ccc".split():
        sys.exit("not the five steps of the training")
    # Adam is the same with bf16.
    exact = "float" if precision == "bf16" else precision
    good = [compare(case, adam(case), TRAINED[exact]) for case in trained]
    if precision == "bf16":
        good.append(compare_bf16(cases))
    else:
        good += [compare(case, compute(case), allowed(case, precision))
                 for case in cases]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
