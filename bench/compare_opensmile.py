#!/usr/bin/python3 -B
"""Time `kanjo extract` beside openSMILE's IS09 set, on one core, in turn.

    bench/compare_opensmile.py --kanjo PROGRAM [--opensmile PYTHON] [--rounds N]

The peer is `SMILExtract` where it is on PATH (its configuration by --config), a
whole process as a user has it; else the library in the package `opensmile` of
PyPI, called in the process of the interpreter PYTHON, whose start does not
count. Nothing of it is read. Sound is made here: a gliding voice in syllables,
with noise, 16 kHz, 16 bits.

Prints, for each job, the median seconds of both and the median of the ratios
of neighbouring runs. Exits 77 where there is no peer.
"""
import argparse
import glob
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import wave

import numpy as np

RATE_HZ = 16000

# Job: name, seconds of sound, descriptors instead of functionals, goal.
JOBS = [("functionals of 10 minutes", 600, False, 8.0),
        ("descriptors of 10 minutes to CSV", 600, True, 4.0),
        ("functionals of 3 s, whole process", 3, False, 2.0)]


def make_sound(path, length_s):
    t = np.arange(length_s * RATE_HZ) / RATE_HZ
    phase = np.cumsum((180.0 + 60.0 * np.sin(1.7 * t)) / RATE_HZ)
    voice = sum(np.sin(2.0 * np.pi * h * phase) / h for h in range(1, 13))
    loud = np.abs(np.sin(2.0 * np.pi * 2.0 * t))
    noise = np.random.default_rng(1).normal(size=t.size)
    x = 0.15 * np.where(loud > 0.4, loud * voice, 0.0) + 0.004 * noise
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes(np.int16(np.clip(x, -1, 1) * 32767).tobytes())


# ---- the peer's library, run by the interpreter that has it ----

def run_library(package, sound, folder, descriptors):
    """Seconds of making an instance and running it, output as CSV files."""
    import ctypes
    core = pathlib.Path(package) / "core"
    shared = core / "config/shared"
    options = {"source": shared / "standard_wave_input.conf.inc",
               "sink": shared / "standard_data_output.conf.inc", "I": sound}
    if descriptors:
        options["lld_csv_output"] = folder / "lld.csv"
        options["lld_de_csv_output"] = folder / "lld_de.csv"
    else:
        options["func_csv_output"] = folder / "functionals.csv"

    class Option(ctypes.Structure):
        _fields_ = [("name", ctypes.c_char_p), ("value", ctypes.c_char_p)]

    library = ctypes.CDLL(glob.glob(str(core / "bin/*/libSMILEapi.so"))[0])
    library.smile_new.restype = ctypes.c_void_p
    library.smile_initialize.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int,
        ctypes.POINTER(Option), ctypes.c_int, ctypes.c_int, ctypes.c_int,
        ctypes.c_char_p]
    library.smile_run.argtypes = library.smile_free.argtypes = [
        ctypes.c_void_p]
    array = (Option * len(options))(*[
        Option(name.encode(), str(value).encode())
        for name, value in options.items()])
    config = str(core / "config/is09-13/IS09_emotion.conf").encode()
    start_s = time.perf_counter()
    smile = library.smile_new()
    failed = library.smile_initialize(smile, config, len(options), array, 0,
                                      0, 0, None) or library.smile_run(smile)
    library.smile_free(smile)
    if failed:
        sys.exit("openSMILE's library failed")
    return time.perf_counter() - start_s


def peer_of_library(python):
    package = subprocess.run(
        [python, "-c", "import opensmile; print(opensmile.__path__[0])"],
        capture_output=True, text=True, check=False)
    if package.returncode != 0:
        return None
    path = package.stdout.split()[-1]

    def run(sound, folder, descriptors):
        code = ("import sys, pathlib; sys.path.insert(0, sys.argv[1]); "
                "import compare_opensmile as c; print(c.run_library("
                "sys.argv[2], sys.argv[3], pathlib.Path(sys.argv[4]), "
                "sys.argv[5] == 'True'))")
        here = str(pathlib.Path(__file__).resolve().parent)
        done = subprocess.run(
            [python, "-B", "-c", code, here, path, str(sound), str(folder),
             str(descriptors)], capture_output=True, text=True, check=True)
        return float(done.stdout)
    return run


def peer_of_program(program, config):
    def run(sound, folder, descriptors):
        output = (["-lldcsvoutput", folder / "lld.csv"] if descriptors else
                  ["-csvoutput", folder / "functionals.csv"])
        command = [program, "-C", config, "-I", sound, *output, "-l", "0"]
        return time_process([str(word) for word in command])
    return run


# ---- measuring ----

def time_process(command):
    start_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start_s


def run_kanjo(program, sound, folder, descriptors):
    level = "lld" if descriptors else "functionals"
    return time_process([program, "extract", str(sound), "--level", level,
                         "-o", str(folder / "kanjo.csv")])


def measure(job, kanjo, peer, folder, n_rounds):
    name, length_s, descriptors, goal = job
    sound = folder / "sound.wav"
    make_sound(sound, length_s)
    ours, theirs = [], []
    for _ in range(n_rounds * (5 if length_s < 60 else 1)):
        ours.append(run_kanjo(kanjo, sound, folder, descriptors))
        for old in folder.glob("*.csv"):
            old.unlink()
        theirs.append(peer(sound, folder, descriptors))
    ratio = statistics.median(b / a for a, b in zip(ours, theirs))
    print(f"{name:36} {statistics.median(ours):9.4f} "
          f"{statistics.median(theirs):9.4f} {ratio:7.2f} {goal:5.0f}",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kanjo", required=True)
    parser.add_argument("--opensmile", default=sys.executable)
    parser.add_argument("--config", help="IS09_emotion.conf of SMILExtract")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    program = shutil.which("SMILExtract")
    if program and asked.config:
        peer = peer_of_program(program, asked.config)
    else:
        peer = peer_of_library(asked.opensmile)
    if not peer:
        print("skipped: neither SMILExtract with --config nor the package "
              "opensmile")
        return 77
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    print(f"{'one core':36} {'kanjo s':>9} {'peer s':>9} {'ratio':>7} "
          f"{'goal':>5}")
    with tempfile.TemporaryDirectory() as folder:
        for job in JOBS:
            measure(job, asked.kanjo, peer, pathlib.Path(folder),
                    asked.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
