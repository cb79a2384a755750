"""Open model files without Kanjo and compare every value, bit for bit.

    read_safetensors.py MODEL_DUMP

MODEL_DUMP (dump.c) writes a file of each kind of weights and what must be in
it. They are opened by Python's safetensors library where that is installed
(numpy has no bf16), and always by the reader below, which is written from the
description of the format alone.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8",
          "BF16": "<u2", "I8": "i1"}


def read(path):
    """Tensors and metadata of a safetensors file; every rule is asserted."""
    raw = path.read_bytes()
    (n_header,) = struct.unpack_from("<Q", raw)
    header = json.loads(raw[8 : 8 + n_header])
    assert (8 + n_header) % 8 == 0, "the data are not aligned"
    metadata = header.pop("__metadata__")
    assert all(type(v) is str for v in metadata.values())
    tensors, end = {}, 0
    for name, entry in header.items():
        begin, stop = entry["data_offsets"]
        assert begin == end, f"{name}: hole or overlap at {begin}"
        end = stop
        part = raw[8 + n_header + begin : 8 + n_header + stop]
        values = np.frombuffer(part, DTYPES[entry["dtype"]])
        assert begin % values.itemsize == 0, f"{name}: not aligned"
        tensors[name] = values.reshape(entry["shape"])
    assert 8 + n_header + end == len(raw), "bytes are left over"
    return tensors, metadata


def widen(tensors):
    """Weights as the floats that they mean; scales and ranges are used up."""
    wide = {}
    for name, values in tensors.items():
        layer, _, what = name.rpartition(".")
        if what == "weight" and values.dtype == "<u2":
            wide[name] = (values.astype("<u4") << 16).view("<f4")
        elif what == "weight" and values.dtype == "i1":
            scale = tensors[f"{layer}.scale"]
            assert np.abs(values.astype(int)).max(axis=1).tolist() == [127] * len(
                scale), f"{name}: the largest weight of a unit is 127 steps"
            assert tensors[f"{layer}.range"].shape == (1,)
            assert tensors[f"{layer}.range"] > 0
            wide[name] = values.astype("<f4") * scale[:, None]
        elif what not in ("scale", "range"):
            wide[name] = values
    return wide


def read_by_library(path):
    """The same by Python's safetensors, or None where it is not installed."""
    try:
        from safetensors import safe_open
    except ImportError:
        print("safetensors is not installed: read by our own reader alone")
        return None
    with safe_open(path, framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return tensors, file.metadata()


def expected_tensors(path):
    tensors = {}
    for line in path.read_text().splitlines():
        name, dtype, shape, *values = line.split()
        numbers = [float.fromhex(v) for v in values]
        sizes = [int(n) for n in shape.split("x")]
        tensors[name] = np.array(numbers, DTYPES[dtype]).reshape(sizes)
    return tensors


def compare(who, got, expected):
    assert sorted(got) == sorted(expected), f"{who}: tensors {sorted(got)}"
    for name, values in expected.items():
        assert got[name].dtype == values.dtype, f"{who}: {name}: dtype"
        assert got[name].shape == values.shape, f"{who}: {name}: shape"
        assert got[name].tobytes() == values.tobytes(), f"{who}: {name}: bits"
    count = sum(v.size for v in expected.values())
    print(f"{who}: {len(expected)} tensors, {count} values, every bit the same")


def check(folder, kind, version):
    expected = expected_tensors(folder / f"{kind}.txt")
    tensors, metadata = read(folder / kind)
    compare(f"{kind}, own reader", widen(tensors), expected)
    assert metadata["format"] == "kanjo-model"
    assert metadata["format_version"] == version
    assert metadata.get("weights", "fp32") == kind
    assert json.loads(metadata["targets"])[2] == "dominance"
    assert json.loads(metadata["columns"])[5:] == ["Höhe", 'a"b\\c,']
    assert json.loads(metadata["training"])["lambda"] == 1.5
    library = read_by_library(folder / kind) if kind != "bf16" else None
    if library:
        compare(f"{kind}, safetensors library", widen(library[0]), expected)
        assert library[1] == metadata


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([sys.argv[1], folder], check=True)
        for kind, version in ("fp32", "1"), ("bf16", "2"), ("int8", "2"):
            check(folder, kind, version)


main()
