#!/usr/bin/python3 -B
"""The set is09-clean in plain numpy: what the C extractor must agree with.

The names of is09 and what it describes, without the traps that hurt
(docs/features.md). What both sets share comes from is09_reference.py, the pitch
from is09_clean_pitch.py; here are the descriptors, contours and statistics.

Needs numpy and scipy only. Run with --help for the command line.
"""
import argparse
import math
import sys
from pathlib import Path

import numpy as np
import scipy.fft

import is09_clean_pitch
import is09_reference as is09
import is09_signals
from is09_tables import (
    N_FUNCTIONALS, N_MFCC, N_RAW, SUFFIXES, contour_names, descriptor_ratio,
    functional_names, ratio, read_wav, worst, write_descriptors,
    write_functionals, write_wav)

F = np.float32
F0 = N_RAW - 1


def centred(x):
    """Frames without their mean, which is rounded to f32 first."""
    return x - x.mean(axis=1, dtype=np.float64).astype(F)[:, None]


def sign_changes(x):
    """Share of pairs where the sign changes; a zero keeps the sign before."""
    rates = []
    for frame in x:
        signs = np.sign(frame[frame != 0])
        rates.append((signs[1:] != signs[:-1]).sum() / (len(frame) - 1))
    return np.array(rates)


def mfcc(magnitude, weights):
    """Coefficients 1..12; bands at least 80 dB below the frame's largest."""
    bands = magnitude @ weights
    largest = bands.max(axis=1, keepdims=True)
    share = np.where(largest > 0, bands / np.where(largest > 0, largest, 1), 1)
    levels = np.log(np.maximum(share, float(F(1e-4))))
    i = np.arange(1, N_MFCC + 1)[:, None]
    b = np.arange(is09.N_BANDS) + 0.5
    lift = 1 + 11 * np.sin(np.pi * i[:, 0] / 22)
    return (levels @ np.cos(np.pi * i * b / is09.N_BANDS).T
            * lift * math.sqrt(2 / is09.N_BANDS))


def raw_descriptors(samples, rate):
    """Shape (n_frames, 16), double."""
    g = is09.Geometry(rate)
    n = g.n_frames(len(samples))
    if n == 0:
        return np.zeros((0, N_RAW))
    windows = np.lib.stride_tricks.sliding_window_view(samples, g.length)
    x = centred(windows[::g.step][:n])
    z = is09.emphasised_window(x)
    magnitude = np.abs(scipy.fft.rfft(z.astype(np.float64), g.fft))
    voicing, f0 = is09_clean_pitch.pitch(samples, rate, g.length, g.step, n)
    return np.column_stack([
        is09.rms_energy(z), mfcc(magnitude, is09.mel_weights(g)),
        sign_changes(x), voicing, f0])


def stretches(voiced):
    """(first, last + 1) of each run of voiced frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], voiced, [0]])))
    return edges.reshape(-1, 2)


def contours(raw):
    """Shape (n_frames, 32), f32, on which ties hang: smoothed, then their
    slopes; F0 of each voiced stretch by itself, 0 elsewhere."""
    def smooth(r):
        n = len(r)
        return (r + is09.rows_at(r, -1, n) + is09.rows_at(r, 1, n)) / F(3)

    def slope(s):
        n = len(s)
        return (is09.rows_at(s, 1, n) - is09.rows_at(s, -1, n)
                + F(2) * (is09.rows_at(s, 2, n) - is09.rows_at(s, -2, n))
                ) / F(10)

    rows, raw = np.zeros((len(raw), 2 * N_RAW), F), raw.astype(F)
    if len(raw) == 0:
        return rows
    rows[:, :F0] = smooth(raw[:, :F0])
    rows[:, N_RAW:N_RAW + F0] = slope(rows[:, :F0])
    for first, last in stretches(raw[:, F0] > 0):
        rows[first:last, F0] = smooth(raw[first:last, F0])
        rows[first:last, N_RAW + F0] = slope(rows[first:last, F0])
    return rows


def statistics(x, at, n_rows):
    """The 12 numbers of the values x at the rows `at`; 0 of no value."""
    if len(x) == 0:
        return [0.0] * 12
    whole = max(n_rows - 1, 1)
    mean, middle = x.mean(), at.mean()
    spread = ((at - middle)**2).sum()
    slope = ((at - middle) * (x - mean)).sum() / spread if spread > 0 else 0.0
    offset = mean - slope * middle
    error = ((x - (slope * at + offset))**2).mean()
    return [x.max(), x.min(), x.max() - x.min(), at[x.argmax()] / whole,
            at[x.argmin()] / whole, mean, slope, offset, error,
            *is09.moments(x, mean)]


def functionals(rows):
    """The 384 numbers, double; shape (0,) if there is no row."""
    n, values = len(rows), []
    all_rows = np.arange(n, dtype=np.float64)
    voiced = rows[:, F0] > 0
    for c in range(2 * N_RAW if n else 0):
        x = rows[:, c].astype(np.float64)
        keep = voiced if c % N_RAW == F0 else np.ones(n, bool)
        values += statistics(x[keep], all_rows[keep], n)
    return np.array(values, np.float64)


def descriptors(samples, rate):
    return contours(raw_descriptors(samples, rate))


# --- Fixtures -----------------------------------------------------------------

def near_ties(rows):
    """Contours where a row is all but equal to an extreme it is not."""
    names = []
    for c in range(2 * N_RAW if len(rows) else 0):
        x = rows[:, c].astype(np.float64)
        x = x[rows[:, F0] > 0] if c % N_RAW == F0 else x
        margin = 1e-5 * np.abs(x).max(initial=0)
        for extreme in (x.max(), x.min()) if len(x) else ():
            if np.any((x != extreme) & (np.abs(x - extreme) < margin)):
                names.append(c)
    return names


def compare(rows, values, expected_rows, expected):
    """(ratio, place) of the worst number; the rule is that of the fixtures."""
    if rows.shape != expected_rows.shape or len(values) != len(expected):
        return np.inf, f"{len(rows)} rows where {len(expected_rows)} belong"
    if len(values) == 0:
        return 0.0, "nothing"
    scale = np.repeat(np.abs(expected_rows).max(axis=0), N_FUNCTIONALS)
    allowed = 1e-4 * np.abs(expected) + 1e-5 * scale
    for suffix, absolute in (("skewness", 1e-4), ("kurtosis", 1e-4),
                             ("maxPos", 1e-6), ("minPos", 1e-6)):
        allowed[SUFFIXES.index(suffix)::N_FUNCTIONALS] += absolute
    return max(worst(ratio(values, expected, allowed), functional_names()),
               worst(descriptor_ratio(rows.astype(np.float64), expected_rows),
                     contour_names()))


def check_stable(name, samples, rate, rows, values):
    """Refuse a signal whose numbers hang on rounding: here, on the last bits
    of a level that is changed by a tenth."""
    moved = descriptors(samples * F(0.9), rate)
    moved[:, [0, N_RAW]] /= 0.9
    high = compare(moved, functionals(moved), rows.astype(np.float64), values)
    if high[0] > 0.75 or near_ties(rows):
        raise ValueError(f"{name} is not stable: {high}, near ties "
                         f"{near_ties(rows)}")


def write_fixtures(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (rate, n_frames, seed, make) in is09_signals.CLEAN.items():
        wav = folder / f"{name}.wav"
        write_wav(wav, make(seed), rate)
        samples, _ = read_wav(wav)
        rows = descriptors(samples, rate)
        values = functionals(rows)
        if len(rows) != n_frames:
            raise ValueError(f"{name}: {len(rows)} rows")
        check_stable(name, samples, rate, rows, values)
        write_functionals(folder / f"{name}.functionals.csv", values)
        write_descriptors(folder / f"{name}.descriptors.csv", rows)


def check_fixtures(made, kept):
    """Compare two folders of fixtures; an exit code."""
    names = {name + ending for name in is09_signals.CLEAN
             for ending in (".wav", ".functionals.csv", ".descriptors.csv")}
    odd = names ^ {p.name for p in kept.iterdir() if p.suffix != ".md"}
    if odd:
        print(f"in {kept}, missing or not made by this script: {sorted(odd)}")
        return 1
    high = max(is09.same_fixture(made, kept, name)
               for name in is09_signals.CLEAN)
    print(f"{len(is09_signals.CLEAN)} fixtures made again; worst "
          f"{high[0]:.3g} of 1e-9 at {high[1]}")
    return 1 if high[0] > 1 else 0


def main():
    parser = argparse.ArgumentParser(
        description="is09-clean of a WAV file by the plain reference.")
    parser.add_argument("wav", nargs="?", type=Path, metavar="WAV")
    parser.add_argument("--functionals", metavar="OUT.csv")
    parser.add_argument("--descriptors", metavar="OUT.csv")
    parser.add_argument("--write-fixtures", type=Path, metavar="DIR")
    parser.add_argument("--expect", type=Path, metavar="DIR",
                        help="compare the fixtures written with those in DIR")
    given = parser.parse_args()
    if given.write_fixtures:
        write_fixtures(given.write_fixtures)
        return (check_fixtures(given.write_fixtures, given.expect)
                if given.expect else 0)
    if not given.wav:
        parser.error("nothing to do; name a WAV file")
    rows = descriptors(*read_wav(given.wav))
    if given.functionals:
        write_functionals(given.functionals, functionals(rows))
    if given.descriptors:
        write_descriptors(given.descriptors, rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
