"""The signals of tests/fixtures/is09: fixed formulas and a frozen generator.

Voices are glottal pulses through formant resonators, with glides of F0 and a
little breath. None repeats exactly: in an exactly periodic signal the contours
are rounding noise, and their extremes lie anywhere.
"""
import math

import numpy as np
import scipy.signal

# Formants of three vowels: Hz, bandwidth in Hz.
VOWELS = {"a": ((730, 90), (1090, 110), (2440, 170)),
          "i": ((290, 60), (2250, 120), (2900, 180)),
          "o": ((480, 80), (880, 100), (2500, 170))}


def noise(n, seed):
    """Uniform on -1..1; numpy promises never to change this stream."""
    return np.random.RandomState(seed).uniform(-1, 1, n)


def seconds(duration, rate=16000):
    return np.arange(int(duration * rate)) / rate


def vowel(source, rate, name):
    """Source through the vowel's resonators in cascade; peak 1."""
    for hz, bandwidth in VOWELS[name]:
        r = math.exp(-math.pi * bandwidth / rate)
        poles = [1, -2 * r * math.cos(2 * math.pi * hz / rate), r * r]
        source = scipy.signal.lfilter([sum(poles)], poles, source)
    return source / np.abs(source).max()


def glide(start, end, duration, rate=16000):
    """F0 in Hz at every sample, from start to end, with a vibrato of 2 %."""
    t = seconds(duration, rate)
    return (start * (end / start)**(t / duration)
            * (1 + 0.02 * np.sin(2 * np.pi * 5.3 * t)))


def voice(f0, seed, vowels="ai", rate=16000):
    """One pulse a period of f0 (Hz, an array); the first vowel passes into
    the second, and loudness swells and falls. Peak below 1."""
    phase = np.cumsum(f0) / rate
    pulses = np.diff(np.floor(phase), prepend=0) + 0.02 * noise(len(f0), seed)
    where = np.linspace(0, 1, len(f0))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * (1.3 * where + 0.1))
    return swell * ((1 - where) * vowel(pulses, rate, vowels[0])
                    + where * vowel(pulses, rate, vowels[1]))


def octave_jumps(seed):
    f0 = glide(160, 190, 0.9)
    at = np.linspace(0, 1, len(f0))
    f0[(at > 0.35) & (at < 0.6)] *= 1.55
    return 0.5 * voice(f0, seed, "oa")


def on_and_off(seed):
    t = seconds(0.9)
    gate = 1 / (1 + np.exp(-60 * np.sin(2 * np.pi * 3.1 * t + 0.4)))
    spoken = 0.5 * gate * voice(glide(230, 180, 0.9), seed)
    return spoken + 0.004 * noise(len(t), seed + 1)


def hiss(seed):
    t = seconds(0.6)
    shaped = scipy.signal.lfilter([1, -0.5], [1, 0.2], noise(len(t), seed))
    return 0.1 * shaped * (1.2 + np.sin(2 * np.pi * 3.3 * t + 0.3))


def zeros_then_voice(seed):
    x = np.zeros(9600)
    x[2403:8071] = 0.4 * voice(glide(200, 290, 0.4), seed)[:5668]
    return x


def short(n, seed):
    """n samples of voice and noise: something to see in few frames."""
    spoken = voice(glide(240, 280, 0.2), seed)[1500:1500 + n]
    return 0.3 * spoken + 0.05 * noise(n, seed + 1)


def spoken_at(rate, seed):
    x = voice(glide(190, 270, 0.5, rate), seed, "oi", rate)
    return 0.45 * x + 0.003 * noise(len(x), seed + 1)


def clipped(seed):
    return np.clip(2.2 * voice(glide(270, 200, 0.6), seed, "ao"), -1, 1)


# name: rate in Hz, number of frames, seed, samples within -1..1 from a seed.
# Seeds were chosen so that check_stable (is09_reference.py) is satisfied.
FIXTURES = {
    "glide_up": (16000, 88, 13, lambda s: 0.5 * voice(glide(155, 295, 0.9), s)),
    "glide_down": (
        16000, 88, 16, lambda s: 0.4 * voice(glide(290, 165, 0.9), s, "io")),
    "octave_jumps": (16000, 88, 30, octave_jumps),
    "on_and_off": (16000, 88, 5, on_and_off),
    "white_noise": (16000, 58, 82, lambda s: 0.3 * noise(9600, s)),
    "hiss": (16000, 58, 75, hiss),
    "zeros_then_voice": (16000, 58, 2, zeros_then_voice),
    "dc_voice": (
        16000, 58, 31, lambda s: 0.2 + 0.3 * voice(glide(180, 240, 0.6), s)),
    "clipped": (16000, 58, 49, clipped),
    "quiet": (16000, 58, 90, lambda s: 1e-3 * voice(glide(200, 250, 0.6), s)),
    "frames_0": (16000, 0, 1, lambda s: short(399, s)),
    "frames_1": (16000, 1, 77, lambda s: short(559, s)),
    "frames_2": (16000, 2, 98, lambda s: short(560, s)),
    "frames_3": (16000, 3, 21, lambda s: short(760, s)),
    "frames_5": (16000, 5, 18, lambda s: short(1055, s)),
    "rate_8000": (8000, 48, 62, lambda s: spoken_at(8000, s)),
    "rate_22050": (22050, 48, 61, lambda s: spoken_at(22050, s)),
    "rate_44100": (44100, 48, 39, lambda s: spoken_at(44100, s)),
}

# The same of tests/fixtures/is09_clean (is09_clean_reference.py); low voices,
# and ends of every kind.
CLEAN = {
    "low_male": (16000, 88, 14, lambda s: 0.5 * voice(glide(96, 71, 0.9), s)),
    "glide_up": (16000, 58, 13, lambda s: 0.5 * voice(glide(110, 420, 0.6), s)),
    "octave_jumps": (16000, 88, 30, octave_jumps),
    "on_and_off": (16000, 88, 5, on_and_off),
    "white_noise": (16000, 38, 82, lambda s: 0.3 * noise(6400, s)),
    "zeros_then_voice": (16000, 58, 2, zeros_then_voice),
    "dc_voice": (
        16000, 38, 34, lambda s: 0.1 + 0.3 * voice(glide(100, 140, 0.4), s)),
    "frames_0": (16000, 0, 1, lambda s: short(399, s)),
    "frames_1": (16000, 1, 77, lambda s: short(559, s)),
    "frames_2": (16000, 2, 98, lambda s: short(560, s)),
    "frames_5": (16000, 5, 18, lambda s: short(1055, s)),
    "rate_8000": (8000, 48, 62, lambda s: spoken_at(8000, s)),
    "rate_44100": (44100, 48, 39, lambda s: spoken_at(44100, s)),
}
