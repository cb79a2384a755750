#!/usr/bin/python3
"""What a model knows of novelty, against numpy.   novelty.py KANJO

Trains on 60 rows of 5 speakers with 80 columns (more columns than rows, one of
them constant), reads centre, factor and threshold from the file, and compares
them with Ledoit and Wolf's formulas written for a reader, not for speed: the
covariance of each row is formed and its distance measured.
"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy

ROWS, COLUMNS, SPEAKERS = 60, 80, 5
TOLERANCE = 2e-5  # the file holds floats; relative to the largest entry
FALSE_ALARMS = 0.1


def draw():
    """Features with a few strong directions, and who spoke."""
    rng = numpy.random.default_rng(3)
    mixing = rng.standard_normal((6, COLUMNS))
    x = rng.standard_normal((ROWS, 6)) @ mixing
    x += 0.3 * rng.standard_normal((ROWS, COLUMNS))
    x[:, 7] = 2.5
    speaker = numpy.array([f"s{min(i * i // 200, SPEAKERS - 1)}"
                           for i in range(ROWS)])
    return x.astype(numpy.float32), speaker


def write(folder, x, speaker):
    with open(folder / "labels.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["utterance", "speaker", "valence"])
        writer.writerows([f"u{i}", speaker[i], 1 + i % 4]
                         for i in range(ROWS))
    with open(folder / "features.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["utterance"] + [f"f{j}" for j in range(COLUMNS)])
        writer.writerows([f"u{i}"] + [f"{v:.9g}" for v in x[i]]
                         for i in range(ROWS))


def read_model(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name.startswith("novelty."):
            begin, end = entry["data_offsets"]
            tensors[name] = numpy.frombuffer(
                data[8 + size + begin:8 + size + end], "<f4").astype(float)
    return tensors, json.loads(header["__metadata__"]["novelty"])


def standardise(x, by):
    mean, sd = by.mean(axis=0), by.std(axis=0)
    scaled = numpy.where(sd > 1e-7, (x - mean) / numpy.where(sd > 0, sd, 1), 0)
    return numpy.clip(scaled, -10, 10)


def ledoit_wolf(z):
    n_rows, n = z.shape
    centred = z - z.mean(axis=0)
    s = centred.T @ centred / n_rows
    m = numpy.trace(s) / n
    d2 = ((s - m * numpy.eye(n)) ** 2).sum() / n
    b2 = sum(((numpy.outer(row, row) - s) ** 2).sum()
             for row in centred) / n_rows ** 2 / n
    rho = min(b2, d2) / d2
    assert 0.01 < rho < 0.9, rho
    return (1 - rho) * s + rho * m * numpy.eye(n)


def distances(z, by):
    inverse = numpy.linalg.inv(ledoit_wolf(by))
    away = z - by.mean(axis=0)
    return numpy.sqrt(numpy.einsum("ij,jk,ik->i", away, inverse, away)
                      / z.shape[1])


def threshold(x, speaker):
    names = sorted(set(speaker))
    sizes, weights = [], []
    for name in names:
        by = x[speaker != name]
        found = distances(standardise(x[speaker == name], by),
                          standardise(by, by))
        sizes += list(found)
        weights += [1 / len(names) / len(found)] * len(found)
    order = numpy.argsort(sizes)
    share = numpy.cumsum(numpy.array(weights)[order])
    level = min(1, (1 - FALSE_ALARMS) * (len(sizes) + 1) / len(sizes))
    at = min(numpy.searchsorted(share, level - 1e-9), len(sizes) - 1)
    return numpy.array(sizes)[order][at]


def compare(what, ours, theirs):
    worst = abs(ours - theirs).max() / abs(theirs).max()
    print(f"{what}: {worst:.2e} of the largest")
    if not worst <= TOLERANCE:
        sys.exit(f"{what}: {worst:.3e} is more than {TOLERANCE}")


def main():
    x, speaker = draw()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write(folder, x, speaker)
        subprocess.run([sys.argv[1], "train", folder / "labels.csv",
                        "--features", folder / "features.csv", "--target",
                        "valence", "--method", "ridge", "--novelty", "speaker",
                        "--false-alarms", str(FALSE_ALARMS), "-o",
                        folder / "m.st"], check=True)
        tensors, told = read_model(folder / "m.st")
    x = x.astype(float)
    z = standardise(x, x)
    factor = numpy.zeros((COLUMNS, COLUMNS))
    factor[numpy.tril_indices(COLUMNS)] = tensors["novelty.factor"]
    compare("covariance", factor @ factor.T, ledoit_wolf(z))
    if abs(tensors["novelty.centre"] - z.mean(axis=0)).max() > 1e-6:
        sys.exit("centre is not the mean of the standardised rows")
    compare("threshold", numpy.array([told["threshold"]]),
            numpy.array([threshold(x, speaker)]))
    if (told["rows"], told["speakers"]) != (ROWS, SPEAKERS):
        sys.exit(f"{told}: must be of {ROWS} rows, {SPEAKERS} speakers")


if __name__ == "__main__":
    main()
