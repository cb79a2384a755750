#!/usr/bin/python3
"""Compute the training steps of steps.c again, in numpy, and compare.

usage: steps.py FILE float|double

Each step is computed in double from the tensors the library started it with;
the optimiser's state runs along in numpy from the library's gradients. An error
is relative to the largest entry of its tensor. Nothing here is taken from the
library: CCC is differentiated by its terms, not by the library's short form.
"""
import sys

import numpy as np

TOLERANCE = {"float": 2e-6, "double": 1e-14}


def read(path):
    """The file's tensors: those of the data, and a dict for each step."""
    data, steps = {}, []
    for line in open(path, encoding="ascii"):
        name, *values = line.split()
        if name == "step":
            steps.append({"number": int(values[0])})
            continue
        target = steps[-1] if steps else data
        if name == "shape":
            target[name] = [int(v) for v in values]
        elif name == "loss_name":
            target[name] = values[0]
        else:
            target[name] = np.array([float.fromhex(v) for v in values])
    return data, steps


def split(block, widths):
    """Views of (W, b) of every layer in a parameter block."""
    layers, at = [], 0
    for n_in, n_out in zip(widths, widths[1:]):
        w = block[at:at + n_in * n_out].reshape(n_out, n_in)
        at += n_in * n_out
        layers.append((w, block[at:at + n_out]))
        at += n_out
    assert at == block.size
    return layers


def forward(layers, x):
    """Inputs of every layer, values before the output's ReLU, outputs."""
    inputs = [x]
    for w, b in layers[:-1]:
        inputs.append(np.maximum(inputs[-1] @ w.T + b, 0.0))
    w, b = layers[-1]
    z = inputs[-1] @ w.T + b
    return inputs, z, np.maximum(z, 0.0)


def mse(y, f, w):
    n = len(y)
    known = ~np.isnan(y)
    gap = np.where(known, f - np.where(known, y, 0.0), 0.0)
    return (w[:, None] * gap**2).sum() / n, 2.0 * w[:, None] * gap / n


def bce(y, f, w):
    n = len(y)
    known = ~np.isnan(y)
    y = np.where(known, y, 0.0)
    value = np.where(known, np.logaddexp(0.0, f) - y * f, 0.0)
    slope = np.where(known, 1.0 / (1.0 + np.exp(-f)) - y, 0.0)
    return (w[:, None] * value).sum() / n, w[:, None] * slope / n


def ccc(y, f, w):
    total, df = 0.0, np.zeros_like(f)
    for k in range(y.shape[1]):
        known = ~np.isnan(y[:, k])
        yk, fk = y[known, k], f[known, k]
        p = w[known] / w[known].sum()
        my, mf = p @ yk, p @ fk
        c = p @ ((yk - my) * (fk - mf))
        d = p @ (yk - my)**2 + p @ (fk - mf)**2 + (my - mf)**2
        dc = p * (yk - my)
        dd = 2.0 * p * (fk - mf) - 2.0 * p * (my - mf)
        total += 1.0 - 2.0 * c / d
        df[known, k] = -(2.0 * dc / d - 2.0 * c / d**2 * dd)
    return total, df


def backward(layers, inputs, z, df):
    """Gradient block and input gradient."""
    signal = df * (z > 0.0)
    pieces = []
    for (w, _), h in zip(reversed(layers), reversed(inputs)):
        pieces.insert(0, np.concatenate([(signal.T @ h).ravel(),
                                         signal.sum(axis=0)]))
        signal = signal @ w
        if h is not inputs[0]:
            signal = signal * (h > 0.0)
    return np.concatenate(pieces), signal


def adam(settings, state, p, g, t):
    alpha, beta1, beta2, epsilon, decay = settings
    m, v = state
    m = beta1 * m + (1.0 - beta1) * g
    v = beta2 * v + (1.0 - beta2) * g**2
    m_hat = m / (1.0 - beta1**t)
    v_hat = v / (1.0 - beta2**t)
    p = p - alpha * m_hat / (np.sqrt(v_hat) + epsilon) - alpha * decay * p
    return (m, v), p


def main():
    path, kind = sys.argv[1:]
    data, steps = read(path)
    widths = data["shape"]
    rows = data["weight"].size
    x = data["x"].reshape(rows, -1)
    y = data["y"].reshape(rows, -1)
    # 0.9 and its like in double, whatever the library rounded them to
    settings = [float("%.7g" % v) for v in data["adam"]]
    state = (0.0, 0.0)
    worst = {}

    def compare(step, name, expected):
        expected = np.ravel(expected)
        got = step[name]
        gap = np.abs(got - expected) / np.abs(expected).max()
        i = int(np.argmax(gap))
        worst[name] = max(worst.get(name, 0.0), gap[i])
        if got.shape != expected.shape or not gap[i] <= TOLERANCE[kind]:
            sys.exit("step %d, %s [%d] is %.17g, numpy has %.17g; the largest "
                     "is %.3g" % (step["number"], name, i, got[i], expected[i],
                                  np.abs(expected).max()))

    assert [s["loss_name"] for s in steps] == "bce ccc mse bce ccc".split()
    for step in steps:
        layers = split(step["before"], widths)
        inputs, z, f = forward(layers, x)
        assert 0 < (z > 0.0).sum() < z.size, "no output on each side of ReLU"
        compare(step, "f", f)
        loss, df = {"mse": mse, "bce": bce, "ccc": ccc}[step["loss_name"]](
            y, f, data["weight"])
        compare(step, "loss", loss)
        compare(step, "df", df)
        gradient, dx = backward(layers, inputs, z, df)
        compare(step, "gradient", gradient)
        compare(step, "dx", dx)
        state, after = adam(settings, state, step["before"], step["gradient"],
                            step["number"])
        compare(step, "m", state[0])
        compare(step, "v", state[1])
        compare(step, "after", after)
    print(kind + ":", ", ".join("%s %.2g" % item for item in worst.items()))


if __name__ == "__main__":
    main()
