"""Open a model file without Kanjo and compare every value, bit for bit.

    read_safetensors.py MODEL_DUMP

MODEL_DUMP (dump.c) writes the file and what must be in it. It is opened by
Python's safetensors library where that is installed, and always by the reader
below, which is written from the description of the format alone.
"""

import json
import pathlib
import struct
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U64": "<u8"}


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


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([sys.argv[1], folder], check=True)
        expected = expected_tensors(folder / "expected.txt")
        tensors, metadata = read(folder / "model")
        compare("own reader", tensors, expected)
        assert metadata["format"] == "kanjo-model"
        assert json.loads(metadata["targets"])[2] == "dominance"
        assert json.loads(metadata["columns"])[5:] == ["Höhe", 'a"b\\c,']
        assert json.loads(metadata["training"])["lambda"] == 1.5
        library = read_by_library(folder / "model")
        if library:
            compare("safetensors library", library[0], expected)
            assert library[1] == metadata


main()
