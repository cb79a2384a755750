#!/usr/bin/python3 -B
"""The IS09 feature set in plain numpy: what the C extractor must agree with.

From a WAV file to 16 raw descriptors a frame, 32 contours and 384 functionals,
in the order of that computation. Nothing is streamed: whole contours are held,
moments and regression take two passes.

Precision: double, but for what the set itself defines in single precision (f32)
because it decides something: sample scaling, pre-emphasis and window, lag and
mel tables, the cosine sum of the MFCC, the pitch tracker, the descriptors as
stored, their contours (ties of extremes hang on them), and the mean that enters
regression and moments. Spectra, logarithms, correlations and sums are double.

Set: Schuller, Steidl, Batliner, "The INTERSPEECH 2009 Emotion Challenge".
Needs numpy and scipy only. Run with --help for the command line.
"""
import argparse
import math
import sys
from pathlib import Path

import numpy as np
import scipy.fft

import is09_signals
from is09_tables import (
    N_FUNCTIONALS, N_MFCC, N_RAW, compare, contour_names, functional_names,
    functional_rows, ratio, read_descriptors, read_functionals, read_wav, worst,
    write_descriptors, write_functionals, write_wav)

F = np.float32
N_BANDS = 26
SKIPPED = 77  # CTest: SKIP_RETURN_CODE


# --- What follows from the sampling rate --------------------------------------

class Geometry:
    """Frame, spectrum and lag sizes of one sampling rate."""

    def __init__(self, rate):
        self.rate = rate
        self.length = math.floor(0.025 / (1 / rate) + 0.5)
        self.step = math.floor(0.010 / (1 / rate) + 0.5)
        self.fft = 4
        while self.fft < self.length:
            self.fft *= 2
        # 0.025 s, not length / rate: where the length was rounded, all
        # frequencies believe in a slightly different rate.
        duration = 0.025 * (self.fft / self.length)
        self.bin_hz = F(1 / duration)
        self.top_hz = F(min(8000.0, float(F(self.fft / duration)) / 2))
        self.lag_s = float(F(duration)) / self.fft
        # f32 above makes this land one below the exact value at 8/16/32 kHz.
        self.skip = math.trunc(1 / (500 * self.lag_s))

    def n_frames(self, n_samples):
        """Complete frames only; the tail is dropped."""
        if n_samples < self.length:
            return 0
        return (n_samples - self.length) // self.step + 1


def mel(hz):
    """Mel of a frequency in Hz."""
    return 1127 * np.log(1 + np.asarray(hz, np.float64) / 700)


def mel_weights(g):
    """Triangles on the mel scale; shape (bins, 26).

    A bin falls in one interval between edges; it gives `fall` of itself to the
    band that ends there and the rest to the band that rises there. The first
    and the last bin (0 Hz and the top) are in no band.
    """
    width = F(F(mel(g.top_hz)) / F(N_BANDS + 1))
    edges = (np.arange(N_BANDS + 2, dtype=F) * width).astype(F)
    n_bins = g.fft // 2 + 1
    last = min(math.floor(float(g.top_hz / g.bin_hz) + 0.5), n_bins)
    weights = np.zeros((n_bins, N_BANDS))
    for k in range(1, last):
        q = F(mel(F(k) * g.bin_hz))
        j = int(np.searchsorted(edges, q, side="left")) - 1
        fall = float((edges[j + 1] - q) / (edges[j + 1] - edges[j]))
        if j >= 1:
            weights[k, j - 1] = fall
        if j < N_BANDS:
            weights[k, j] = 1 - fall
    return weights


# --- Descriptors of a block of frames, shape (n_frames, ...) ------------------

def zero_crossing_rate(x):
    """Crossings of the raw frame over its length; f32.

    The last pair is not looked at; a run of zeros counts at every sample.
    """
    left, here, right = x[:, :-2], x[:, 1:-1], x[:, 2:]
    crossing = ((here == 0) & (left * right <= 0)) | (left * here < 0)
    return crossing.sum(axis=1).astype(F) / F(x.shape[1])


def emphasised_window(x):
    """Pre-emphasis restarted in every frame, then a symmetric Hamming; f32."""
    k = F(0.97)
    y = np.empty_like(x)
    y[:, 0] = (F(1) - k) * x[:, 0]
    y[:, 1:] = x[:, 1:] - k * x[:, :-1]
    n = x.shape[1]
    hamming = 0.54 - 0.46 * np.cos(2 * np.pi * np.arange(n) / (n - 1))
    return y * hamming.astype(F)


def rms_energy(z):
    """Root mean square of the emphasised, windowed frame."""
    return np.sqrt((z * z).astype(np.float64).sum(axis=1) / z.shape[1])


def mfcc(magnitude, weights):
    """Coefficients 1..12 of the log mel bands, floored at 1 (so at ln 0).

    The sum over bands runs in f32, band by band: its rounding is an offset of
    some 1e-5 that all the frames share, seen where a mean nearly cancels.
    """
    bands = (magnitude @ weights).astype(F) * F(32767)
    log_bands = np.log(np.maximum(bands, F(1)).astype(np.float64)).astype(F)
    i = np.arange(1, N_MFCC + 1)
    total = np.zeros((len(bands), N_MFCC), F)
    for b in range(N_BANDS):
        cosines = np.cos(np.pi * i * (b + 0.5) / N_BANDS).astype(F)
        total += log_bands[:, b, None] * cosines
    lift = F(1) + F(11) * np.sin(np.pi * i / 22).astype(F)
    return total * (lift * F(math.sqrt(2 / N_BANDS)))


def voicing(acf, skip):
    """Largest rising sample of the rectified correlation over its value at 0.

    acf: shape (n_frames, lags), circular over the transform. The last lag takes
    part whether it rises or not.
    """
    first = max(1, skip)
    here = acf[:, first:]
    rising = here > acf[:, first - 1:-1]
    peak = np.maximum(acf[:, -1], np.where(rising, here, 0).max(axis=1))
    zero_lag = np.where(acf[:, 0] > 0, acf[:, 0], 1)
    return np.where(acf[:, 0] > 0, peak / zero_lag, 0)


def candidate_lag(cepstrum, skip):
    """Smallest lag whose cepstrum peaks over the threshold; 0 if none."""
    largest = cepstrum[:, skip + 1:].max(axis=1)
    threshold = 0.6 * (largest + np.abs(cepstrum).mean(axis=1))
    here = cepstrum[:, skip + 2:-1]
    peak = ((here > threshold[:, None]) & (here > cepstrum[:, skip + 1:-2])
            & (here > cepstrum[:, skip + 3:]))
    return np.where(peak.any(axis=1), peak.argmax(axis=1) + skip + 2, 0)


def frame_pitch(cepstrum, voiced, g):
    """Hz of each frame on its own, 0 where unvoiced; f32."""
    lag = candidate_lag(cepstrum, g.skip)
    period = np.maximum(lag, 1).astype(F) * F(g.lag_s)
    return np.where((lag > 0) & ~(voiced < 0.55), F(1) / period, F(0))


def block_descriptors(x, g, weights, real):
    """The 16 raw descriptors of frames x, f32; F0 still without its tracker."""
    z = emphasised_window(x)
    spectrum = scipy.fft.rfft(z.astype(real), g.fft)
    power = spectrum.real**2 + spectrum.imag**2
    acf = np.abs(scipy.fft.irfft(power, g.fft)[:, :g.fft // 2])
    # 1 + power: no true log cepstrum, so F0 depends on the recording level.
    log_power = np.log(1 + np.where(power > 0, power, 0).astype(np.float64))
    cepstrum = scipy.fft.irfft(log_power.astype(real), g.fft)[:, :g.fft // 2]
    voiced = voicing(acf, g.skip)
    return np.column_stack([
        rms_energy(z), mfcc(np.sqrt(power), weights), zero_crossing_rate(x),
        voiced, frame_pitch(cepstrum, voiced, g)]).astype(F)


def tracked_pitch(pitch):
    """F0 contour: a frame late, mean of two, lone frames and jumps removed."""
    kept, before, mean, onset = F(0), F(0), F(0), False
    output = np.zeros(len(pitch), F)
    for k, p in enumerate(pitch):
        if p == 0 and onset:
            kept = F(0)
        onset = bool(kept == 0 and p > 0)
        if p > 0:
            raw = p
            mean = p if mean == 0 else mean
            weight = F(0.3)
            if not F(0.6) * mean < p < F(1.4) * mean:
                p, weight = mean, F(0.3) / F(3)
            mean = (F(1) - weight) * mean + weight * raw
        both = kept != 0 and before != 0
        output[k] = (before + kept) / F(2) if both else kept
        before, kept = kept, p
    return output


def raw_descriptors(samples, rate, real=np.float64, block=500):
    """Shape (n_frames, 16), f32. `real`: precision of the transforms."""
    g = Geometry(rate)
    n = g.n_frames(len(samples))
    if n == 0:
        return np.zeros((0, N_RAW), F)
    windows = np.lib.stride_tricks.sliding_window_view(samples, g.length)
    frames = windows[::g.step][:n]
    weights = mel_weights(g)
    raw = np.concatenate([
        block_descriptors(frames[k:k + block], g, weights, real)
        for k in range(0, n, block)])
    raw[:, -1] = tracked_pitch(raw[:, -1])
    return raw


# --- Contours -----------------------------------------------------------------

def rows_at(x, offset, count):
    """Rows offset .. offset + count - 1 of x, clamped to its first and last."""
    return x[np.clip(np.arange(offset, offset + count), 0, len(x) - 1)]


def smooth(raw):
    """Mean of three rows; one row more than there are frames; f32."""
    n = len(raw)
    total = rows_at(raw, 0, n + 1) + rows_at(raw, -1, n + 1)
    after = rows_at(raw, 1, n + 1)
    if n == 1:
        after[0] = 0  # the second frame was not there to be read
    return (total + after) / F(3)


def deltas(s):
    """Slope over five rows; f32. s: shape (n_frames + 1, 16)."""
    n = len(s)
    one, two = rows_at(s, 1, n), rows_at(s, 2, n)
    if n <= 3:  # with one or two frames, rows not there yet read as zeros
        two[:2] = 0
    if n == 2:
        one[:] = 0
    return ((one - rows_at(s, -1, n))
            + F(2) * (two - rows_at(s, -2, n))) / F(10)


def descriptors(samples, rate, real=np.float64):
    """Shape (n_frames + 1, 32), f32; no row if there is no frame."""
    raw = raw_descriptors(samples, rate, real)
    if len(raw) == 0:
        return np.zeros((0, 2 * N_RAW), F)
    smoothed = smooth(raw)
    return np.concatenate([smoothed, deltas(smoothed)], axis=1)


# --- Functionals --------------------------------------------------------------

def extremes(x):
    """max, min, range, and the first index of each; NaN is passed over."""
    if np.isnan(x[0]):
        return [np.nan, np.nan, np.nan, -1, -1]
    high, low = np.nanmax(x), np.nanmin(x)
    return [high, low, high - low, np.argmax(x == high), np.argmax(x == low)]


def regression(x, mean):
    """Slope a row, value at row 0, mean squared residual."""
    n = len(x)
    if n == 1:
        return [0, x[0], 0]
    i = np.arange(n, dtype=np.float64)
    total, cross = n * mean, (i * x).sum()  # n * f32 mean, not the exact sum
    s1, s2 = n * (n - 1) / 2, n * (n - 1) * (2 * n - 1) / 6
    offset = (total - cross * s1 / s2) / (n - s1 * s1 / s2)
    slope = (cross - offset * s1) / s2
    error = ((x - (slope * i + offset))**2).mean()
    return [v if np.isfinite(v) else 0 for v in (slope, offset, error)]


def moments(x, mean):
    """Population standard deviation, skewness, kurtosis (3: Gaussian)."""
    d = x - mean
    variance = (d**2).mean()
    if not variance > 0:
        return [0, 0, 0]
    return [math.sqrt(variance), (d**3).mean() / variance**1.5,
            (d**4).mean() / variance**2]


def functionals(contours):
    """The 384 numbers, double; shape (0,) if there is no row."""
    values = []
    for column in functional_rows(contours).T if len(contours) else ():
        x = column.astype(np.float64)
        mean = float(F(x.mean()))
        values += extremes(column) + [mean]
        values += regression(x, mean) + moments(x, mean)
    return np.array(values, np.float64)


# --- Golden files -------------------------------------------------------------

# 8 bit: recorded from a program that misreads the bytes; not imitated.
EXEMPT = {"f_8bit"}


def check_golden(folder):
    """Apply the rule to every golden file below folder; an exit code."""
    tables = sorted(Path(folder).rglob("*.func.csv"))
    if not tables:
        print(f"skipped: no golden files in {folder}")
        return SKIPPED
    checked, failed, highest = 0, 0, (0.0, "nothing")
    for table in tables:
        name = table.name[:-len(".func.csv")]
        if name in EXEMPT:
            print(f"{name}: exempt")
            continue
        contours = descriptors(*read_wav(table.with_name(name + ".wav")))
        places = compare(
            contours, functionals(contours),
            read_descriptors(table.with_name(name + ".lld.csv")),
            *read_functionals(table))
        high = max(places)
        highest = max(highest, (high[0], f"{name} {high[1]}"))
        checked += 1
        if high[0] > 1:
            failed += 1
            print(f"{name}: {high[0]:.3g} times the tolerance at {high[1]}")
    print(f"{checked} golden files, {failed} outside the tolerance; worst "
          f"{highest[0]:.3g} of it at {highest[1]}")
    return 1 if failed else 0


# --- Fixtures -----------------------------------------------------------------

def near_ties(contours):
    """Contours where a row is all but equal to an extreme it is not."""
    x = functional_rows(contours).astype(np.float64)
    margin = 1e-5 * np.abs(x).max(axis=0, initial=0)
    return [name for column, m, name in zip(x.T, margin, contour_names())
            for extreme in {*column[[column.argmax(), column.argmin()]]}
            if np.any((column != extreme) & (np.abs(column - extreme) < m))]


def check_stable(name, samples, rate, contours, values):
    """Refuse a signal whose numbers hang on the rounding of the transform."""
    coarse = descriptors(samples, rate, np.float32)
    high = max(compare(coarse, functionals(coarse), contours.astype(np.float64),
                       values, np.zeros(len(values))))
    same_pitch = np.array_equal(coarse[:, N_RAW - 1], contours[:, N_RAW - 1])
    ties = near_ties(contours) if len(contours) else []
    if high[0] > 0.25 or ties or not same_pitch:
        raise ValueError(f"{name} is not stable: {high}, near ties {ties}, "
                         f"F0 equal: {same_pitch}")


def write_fixtures(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (rate, n_frames, seed, make) in is09_signals.FIXTURES.items():
        wav = folder / f"{name}.wav"
        write_wav(wav, make(seed), rate)
        samples, _ = read_wav(wav)
        contours = descriptors(samples, rate)
        values = functionals(contours)
        if len(contours) != (n_frames + 1 if n_frames else 0):
            raise ValueError(f"{name}: {len(contours)} rows")
        check_stable(name, samples, rate, contours, values)
        write_functionals(folder / f"{name}.functionals.csv", values)
        write_descriptors(folder / f"{name}.descriptors.csv", contours)


def same_fixture(made, kept, name):
    """Largest difference over 1e-9 of the value; WAVs are equal in every byte.

    1e-12 of the contour's scale is left to slopes and the like that cancel.
    """
    wav = f"{name}.wav"
    if (made / wav).read_bytes() != (kept / wav).read_bytes():
        return np.inf, wav
    rows = read_descriptors(made / f"{name}.descriptors.csv")
    kept_rows = read_descriptors(kept / f"{name}.descriptors.csv")
    x, _ = read_functionals(made / f"{name}.functionals.csv")
    v, _ = read_functionals(kept / f"{name}.functionals.csv")
    if rows.shape != kept_rows.shape or x.shape != v.shape:
        return np.inf, f"{name}: number of rows"
    scale = np.abs(kept_rows).max(axis=0, initial=0)
    scale = np.repeat(scale, N_FUNCTIONALS)[:len(v)]
    allowed = 1e-9 * np.abs(v) + 1e-12 * scale
    place = max(worst(ratio(x, v, allowed), functional_names()),
                worst(ratio(rows, kept_rows, 1e-9 * np.abs(kept_rows)),
                      contour_names()))
    return place[0], f"{name} {place[1]}"


def check_fixtures(made, kept):
    """Compare two folders of fixtures; an exit code."""
    names = {name + ending for name in is09_signals.FIXTURES
             for ending in (".wav", ".functionals.csv", ".descriptors.csv")}
    odd = names ^ {p.name for p in kept.iterdir() if p.suffix != ".md"}
    if odd:
        print(f"in {kept}, missing or not made by this script: {sorted(odd)}")
        return 1
    high = max(same_fixture(made, kept, name) for name in is09_signals.FIXTURES)
    print(f"{len(is09_signals.FIXTURES)} fixtures made again; worst "
          f"{high[0]:.3g} of 1e-9 at {high[1]}")
    return 1 if high[0] > 1 else 0


# --- Command line -------------------------------------------------------------

def parse_arguments():
    parser = argparse.ArgumentParser(
        description="IS09 features of a WAV file by the plain reference.")
    parser.add_argument("wav", nargs="?", type=Path, metavar="WAV")
    parser.add_argument("--functionals", metavar="OUT.csv")
    parser.add_argument("--descriptors", metavar="OUT.csv")
    parser.add_argument("--check-golden", type=Path, metavar="DIR",
                        help="compare with the golden files below DIR")
    parser.add_argument("--write-fixtures", type=Path, metavar="DIR")
    parser.add_argument("--expect", type=Path, metavar="DIR",
                        help="compare the fixtures written with those in DIR")
    given = parser.parse_args()
    if not (given.wav or given.check_golden or given.write_fixtures):
        parser.error("nothing to do; name a WAV file")
    return given


def main():
    given = parse_arguments()
    if given.check_golden:
        return check_golden(given.check_golden)
    if given.write_fixtures:
        write_fixtures(given.write_fixtures)
        if given.expect:
            return check_fixtures(given.write_fixtures, given.expect)
        return 0
    contours = descriptors(*read_wav(given.wav))
    if given.functionals:
        write_functionals(given.functionals, functionals(contours))
    if given.descriptors:
        write_descriptors(given.descriptors, contours)
    return 0


if __name__ == "__main__":
    sys.exit(main())
