"""Names, files and the acceptance rule of the IS09 set.

WAV in and out, the two kinds of CSV, and how far an extractor may be from the
numbers in them.
"""
import csv
import struct
from pathlib import Path

import numpy as np

F = np.float32
N_MFCC, N_RAW, N_FUNCTIONALS = 12, 16, 12

SUFFIXES = ("max min range maxPos minPos amean linregc1 linregc2 linregerrQ "
            "stddev skewness kurtosis").split()


def contour_names():
    """The 32 names: 16 smoothed contours, then their 16 deltas."""
    return [base + stage + index
            for stage in ("_sma", "_sma_de")
            for base, index in
            [("pcm_RMSenergy", "")]
            + [("pcm_fftMag_mfcc", f"[{i}]") for i in range(1, N_MFCC + 1)]
            + [("pcm_zcr", ""), ("voiceProb", ""), ("F0", "")]]


def functional_names():
    """The 384 names, contour by contour."""
    return [f"{c}_{s}" for c in contour_names() for s in SUFFIXES]


def functional_rows(contours):
    """The rows the functionals see: the last three never reach them."""
    return contours[:max(1, len(contours) - 3)]


# --- Sound --------------------------------------------------------------------

# (format tag, bytes a sample): full scale; tag 1 is PCM, 3 is float.
FULL_SCALE = {(1, 2): 32767, (1, 3): 32767 * 256, (1, 4): 2**31 - 1, (3, 4): 1}


def wav_chunks(data, path):
    """The 16 bytes of the format chunk, and all there is of the data chunk."""
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ValueError(f"{path}: not a RIFF WAVE file")
    at, layout = 12, None
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, at)
        body = data[at + 8:at + 8 + size]
        if kind == b"fmt ":
            layout = body[:16]
        if kind == b"data" and layout is not None and len(layout) == 16:
            return layout, body
        at += 8 + size + size % 2
    raise ValueError(f"{path}: no format and data chunk")


def unpack(body, tag, width):
    """Raw sample values of one interleaved data chunk."""
    if (tag, width) != (1, 3):
        return np.frombuffer(body, {(1, 2): "<i2", (1, 4): "<i4",
                                    (3, 4): "<f4"}[tag, width])
    low, mid, high = np.frombuffer(body, np.uint8).reshape(-1, 3).T
    high = high.astype(np.int8).astype(np.int32)
    return high * 65536 + mid.astype(np.int32) * 256 + low


def read_wav(path):
    """Mono f32 samples and the rate in Hz.

    Channels are added in f32, divided by their number, then by full scale
    (32767 for 16 bit: the set does not use 32768).
    """
    layout, body = wav_chunks(Path(path).read_bytes(), path)
    tag, n_channels, rate, _, block, _ = struct.unpack("<HHIIHH", layout)
    width = block // n_channels if n_channels else 0
    if (tag, width) not in FULL_SCALE:
        raise ValueError(f"{path}: format tag {tag} with {width} bytes a "
                         "sample; must be PCM of 2..4 bytes or 4-byte float")
    n = len(body) // block
    raw = unpack(body[:n * block], tag, width).reshape(n, n_channels)
    total = np.zeros(n, F)
    for channel in raw.astype(F).T:
        total += channel
    return total / F(n_channels) / F(FULL_SCALE[tag, width]), rate


def write_wav(path, samples, rate):
    """Samples within -1..1 as 16-bit mono."""
    body = np.rint(samples * 32767).astype("<i2").tobytes()
    layout = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, 2 * rate, 2, 16)
    Path(path).write_bytes(
        b"RIFF" + struct.pack("<I", 36 + len(body)) + b"WAVE" + layout
        + b"data" + struct.pack("<I", len(body)) + body)


# --- Tables -------------------------------------------------------------------

def write_functionals(path, values):
    with open(path, "w") as out:
        out.write("feature,value\n")
        out.writelines(f"{name},{value:.17g}\n"
                       for name, value in zip(functional_names(), values))


def write_descriptors(path, contours):
    with open(path, "w") as out:
        out.write(",".join(contour_names()) + "\n")
        out.writelines(",".join(f"{v:.9g}" for v in row) + "\n"
                       for row in contours)


def read_functionals(path):
    """Values and spreads (0 where the file has no such column)."""
    with open(path, newline="") as source:
        rows = list(csv.reader(source))[1:]
    if [row[0] for row in rows] != functional_names()[:len(rows)]:
        raise ValueError(f"{path}: feature names differ")
    values = np.array([float(row[1]) for row in rows])
    return values, np.array([float((row + ["0"])[2]) for row in rows])


def read_descriptors(path):
    with open(path, newline="") as source:
        rows = list(csv.reader(source))
    if rows[0] != contour_names():
        raise ValueError(f"{path}: descriptor names differ")
    return np.array(rows[1:], np.float64).reshape(-1, 2 * N_RAW)


# --- The acceptance rule ------------------------------------------------------

def ratio(x, v, allowed):
    """|x - v| over what is allowed; at most 1 passes; NaN only equals NaN."""
    difference = np.where(np.isnan(x) & np.isnan(v), 0, np.abs(x - v))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = np.where(difference == 0, 0, difference / allowed)
    return np.where(np.isnan(r), np.inf, r)


def functional_ratio(x, v, spread, contours):
    """Of each functional; S is the scale of its contour."""
    scale = np.nanmax(np.abs(functional_rows(contours)), axis=0, initial=0)
    allowed = (1e-4 * np.abs(v) + 10 * spread
               + 1e-6 * np.repeat(scale, N_FUNCTIONALS))
    for offset, suffix in enumerate(SUFFIXES):
        mine = slice(offset, None, N_FUNCTIONALS)
        if suffix in ("skewness", "kurtosis"):
            allowed[mine] += 1e-4
        if suffix in ("maxPos", "minPos"):
            allowed[mine] = np.where(spread[mine] > 0, allowed[mine], 0)
    return ratio(x, v, allowed)


def descriptor_ratio(x, v):
    """Of each descriptor of each row."""
    fixed = [1e-3 if "mfcc" in name or "F0" in name else 1e-6
             for name in contour_names()]
    return ratio(x, v, 1e-4 * np.abs(v) + np.array(fixed))


def worst(ratios, names):
    """The largest ratio and where it is; shape (..., names)."""
    if ratios.size == 0:
        return 0.0, "nothing"
    at = np.unravel_index(np.argmax(ratios), ratios.shape)
    row = f" row {at[0]}" if ratios.ndim == 2 else ""
    return float(ratios[at]), names[at[-1]] + row


def compare(contours, values, expected_contours, expected, spread):
    """(ratio, place) of the worst functional, descriptor and count."""
    if (contours.shape != expected_contours.shape
            or len(values) != len(expected)):
        return [(np.inf, f"{len(contours)} rows, {len(values)} functionals "
                 f"where {len(expected_contours)}, {len(expected)} belong")]
    if len(values) == 0:
        return [(0.0, "nothing")]
    return [worst(functional_ratio(values, expected, spread,
                                   expected_contours), functional_names()),
            worst(descriptor_ratio(contours.astype(np.float64),
                                   expected_contours), contour_names())]
