"""Pitch of the set is09-clean in plain numpy: the definition.

The autocorrelation of a window of three periods of the lowest pitch, divided by
that of the window itself; its peaks are candidates; the path through them, or
through "unvoiced", is the best one by dynamic programming, decided with
LOOKAHEAD frames in sight. Double precision throughout.

Source: Boersma, "Accurate short-term analysis of the fundamental frequency and
the harmonics-to-noise ratio of a sampled sound", Proc. Inst. Phonetic Sciences
17, Amsterdam (1993), with parabolic interpolation in place of sinc, a loudest
peak that is heard so far in place of that of the whole recording, and a path
decided on the way in place of at the end.
"""
import math

import numpy as np
import scipy.fft

LOWEST_HZ, HIGHEST_HZ = 65.0, 600.0
N_PERIODS = 3           # of the lowest pitch in a window
N_CANDIDATES = 7
VOICING = 0.5           # strength of "unvoiced" where it is not quiet
SILENCE = 0.05          # of the loudest peak: about here it becomes quiet
OCTAVE_COST = 0.01      # per octave below the highest candidate
JUMP_COST = 0.35        # per octave from frame to frame
TURN_COST = 0.14        # from voiced to unvoiced and back
LOOKAHEAD = 20          # frames
HALF_LIFE_S = 5.0       # of the loudest peak


class PitchGeometry:
    """Window and lags of one sampling rate; `length`: samples of a frame."""

    def __init__(self, rate, length):
        self.rate = rate
        needed = N_PERIODS * rate / LOWEST_HZ
        self.margin = math.ceil((needed - length) / 2)
        self.window = length + 2 * self.margin
        self.min_lag = math.floor(rate / HIGHEST_HZ)
        self.max_lag = math.ceil(rate / LOWEST_HZ)
        self.fft = 4
        while self.fft < self.window + self.max_lag + 2:
            self.fft *= 2
        i = np.arange(self.window)
        self.hann = 0.5 - 0.5 * np.cos(2 * np.pi * (i + 0.5) / self.window)
        self.own = correlation(self.hann[None], self)[0]


def correlation(x, g):
    """Of each row, at lags 0 .. max_lag + 1."""
    spectrum = scipy.fft.rfft(x, g.fft)
    power = spectrum.real**2 + spectrum.imag**2
    return scipy.fft.irfft(power, g.fft)[:, :g.max_lag + 2]


def candidates(r, g):
    """(strength, correlation, Hz) of the best peaks of one frame."""
    found = []
    for t in range(g.min_lag, g.max_lag + 1):
        left, here, right = r[t - 1], r[t], r[t + 1]
        if not (here > 0 and here > left and here >= right):
            continue
        shift = 0.5 * (left - right) / (left - 2 * here + right)
        peak = here - 0.25 * (left - right) * shift
        hz = g.rate / (t + shift)
        if not LOWEST_HZ <= hz <= HIGHEST_HZ:
            continue
        peak = 1 / peak if peak > 1 else peak
        found.append((peak - OCTAVE_COST * math.log2(LOWEST_HZ / hz), peak, hz))
    found.sort(key=lambda c: -c[0])  # stable: of equals the shorter lag
    return found[:N_CANDIDATES]


def unvoiced_strength(peak, loudest):
    quiet = 2 - peak / loudest * (1 + VOICING) / SILENCE if loudest > 0 else 2
    return VOICING + max(0, quiet)


def step_cost(a, b):
    """From pitch a to pitch b, Hz; 0 is unvoiced."""
    if a == 0 and b == 0:
        return 0
    if a == 0 or b == 0:
        return TURN_COST
    return JUMP_COST * abs(math.log2(a / b))


def tracked(frames):
    """Index of the candidate of each frame. frames: lists of (strength, ..,
    Hz); a frame is decided when LOOKAHEAD more have been seen."""
    scores, back, path = [], [], []
    for k, frame in enumerate(frames):
        if k == 0:
            score, come = [c[0] for c in frame], [0] * len(frame)
        else:
            score, come = [], []
            for c in frame:
                ways = [s - step_cost(p[2], c[2])
                        for s, p in zip(scores, frames[k - 1])]
                come.append(int(np.argmax(ways)))
                score.append(c[0] + max(ways))
        top = max(score)
        scores = [s - top for s in score]
        back.append(come)
        if k >= LOOKAHEAD:
            at = int(np.argmax(scores))
            for i in range(k, k - LOOKAHEAD, -1):
                at = back[i][at]
            path.append(at)
    if frames:
        rest = [int(np.argmax(scores))]
        for i in range(len(frames) - 1, len(path), -1):
            rest.append(back[i][rest[-1]])
        path += rest[::-1]
    return path


def loudness(peaks, step, rate):
    """The loudest peak around each frame: those before fade, those up to
    LOOKAHEAD frames later count in full."""
    fade = 0.5**(step / rate / HALF_LIFE_S)
    heard, loudest = [], 0.0
    for k in range(len(peaks) + LOOKAHEAD):
        new = peaks[k] if k < len(peaks) else 0.0
        loudest = max(new, loudest * fade)
        heard.append(loudest)
    return heard[LOOKAHEAD:]


def pitch(samples, rate, length, step, n_frames):
    """Voicing (0..1) and F0 (Hz; 0: unvoiced) of each frame."""
    g = PitchGeometry(rate, length)
    padded = np.pad(np.asarray(samples, np.float32),
                    (g.margin, g.margin + step), "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, g.window)
    windows = windows[::step][:n_frames]
    voiced, peaks = [], []
    for w in windows:
        x = w - np.float32(w.mean(dtype=np.float64))
        a = correlation((x * g.hann)[None], g)[0]
        r = a / a[0] / (g.own / g.own[0]) if a[0] > 0 else np.zeros(len(a))
        peaks.append(float(np.abs(x).max()))
        voiced.append(candidates(r, g))
    frames = [[(unvoiced_strength(peak, loudest), 0.0, 0.0)] + found
              for peak, loudest, found
              in zip(peaks, loudness(peaks, step, rate), voiced)]
    voicing, hz = np.zeros(n_frames), np.zeros(n_frames)
    for k, at in enumerate(tracked(frames)):
        hz[k] = frames[k][at][2]
        best = max(c[1] for c in frames[k])
        voicing[k] = frames[k][at][1] if at > 0 else best
    return voicing, hz
