#!/usr/bin/python3 -B
"""Kanjo's training beside eager PyTorch's, on the same cores in the same run.

    bench/compare_pytorch.py --kanjo BUILD/bench_train
    bench/compare_pytorch.py --kanjo BUILD/bench_train --python VENV/bin/python
    bench/compare_pytorch.py --self-test         the peer's own test
    bench/compare_pytorch.py                     the peer alone

Prints, a batch a line, the seconds an epoch takes in both, and PyTorch's over
Kanjo's: each the median over rounds, with the least and the greatest. A round
runs every program once, one after another; the next round runs them in the
opposite order, so that what drifts (clock, neighbours) falls on both alike. A
ratio is taken within a round. Each measurement is a process of its own, pinned
to the same cores, as many as it has threads. The peer is peer_pytorch.py; data
are of the same shape and distribution in both, drawn by each for itself.

The peer's OpenBLAS chooses its own kernel: environment variables that would
slow it down are removed. Of Debian's builds of it the openmp one is taken, for
the pthread one collapses on two threads. Its oneDNN is named where it is used.
A line says so if one of its programs, on one core, got less than 90 % of it:
such a ratio is worth nothing. With --memory kept, glibc keeps freed memory
instead of handing it back to the kernel after every step, which a user of
PyTorch may ask for and seldom does.

Exit code 2: a torch is missing (how to install it is said), or the command line
is wrong; 1: a program failed.
"""
import argparse
import glob
import itertools
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace

PEER = pathlib.Path(__file__).resolve().with_name("peer_pytorch.py")
DEBIAN_PYTHON = "/usr/bin/python3"
OPENMP_BLAS = "/usr/lib/*/openblas-openmp"  # libopenblas0-openmp
MISSING = 2  # peer_pytorch.py's, where there is no torch
KEPT_BYTES = str(1 << 30)  # more than a run frees at once
# What would change the peer behind the reader's back.
CLEARED = ("OPENBLAS_", "OMP_", "GOMP_", "KMP_", "MKL_", "MALLOC_", "DNNL_",
           "ONEDNN_", "LD_LIBRARY_PATH")
CASES = ("power", "exact", "none")
PRECISIONS = ("fp32", "bf16")
# Kanjo with the exact direction over PyTorch 1.13 fp32 with the power
# iteration, one thread, by batch; bf16 at any batch.
FP32_TARGETS = {32: 3.3, 64: 2.4, 128: 1.9, 256: 1.55, 512: 1.45}
BF16_TARGET = 2.6
TARGET_TORCH = "1.13"
# Beyond this, bf16 products of a torch are a plain loop: nobody's peer, and a
# minute an epoch. Its bf16 is left out.
SLOWEST_BF16 = 4
LEAST_SHARE = 0.9  # of a core, below which a measurement was disturbed


# --- What is measured ---------------------------------------------------------

@dataclass(frozen=True)
class Run:
    """One program's training; program is "kanjo" or an interpreter's path."""
    program: str
    case: str
    precision: str
    threads: int = 1
    batch: int = 32

    @property
    def words(self):
        """The command line that both programs understand."""
        return ["--json", "--batch", str(self.batch),
                "--smoothing", "none" if self.case == "none" else "vat",
                "--direction", "power" if self.case == "power" else "exact",
                "--precision", self.precision, "--threads", str(self.threads)]

    @property
    def name(self):
        case = {"none": "plain MSE"}.get(self.case, "VAT " + self.case)
        return f"{case} {self.precision}"


def precisions(python, options, facts):
    """Those worth measuring in a torch."""
    fast = facts[python]["bf16_slowness"] <= SLOWEST_BF16
    return [name for name in options.precisions if name == "fp32" or fast]


def comparisons(python, options, facts):
    """Pairs (PyTorch's run, Kanjo's run) at any batch and number of threads.

    First what the targets speak of: Kanjo's step is the exact direction's,
    PyTorch's the power iteration of the literature. Then like with like.
    """
    pairs = []
    if "power" in options.cases and "fp32" in options.precisions:
        pairs = [(Run(python, "power", "fp32"),
                  Run("kanjo", "exact", precision))
                 for precision in options.precisions]
    return pairs + [(Run(python, case, precision),
                     Run("kanjo", case, precision))
                    for precision in precisions(python, options, facts)
                    for case in options.cases]


def schedule(options, facts):
    """All runs of a round, neighbours of which are compared."""
    runs = {}
    for python in options.python:
        for pair in comparisons(python, options, facts):
            for run in pair:
                if run.program != "kanjo" or options.kanjo:
                    runs[run] = None
    return list(runs)


# --- Running ------------------------------------------------------------------

def environment(run, options):
    """The variables of a measurement."""
    if run.program == "kanjo":
        return dict(os.environ)
    variables = {name: value for name, value in os.environ.items()
                 if not name.startswith(CLEARED)}
    variables["OMP_NUM_THREADS"] = str(run.threads)
    folders = glob.glob(OPENMP_BLAS)
    if folders:
        variables["LD_LIBRARY_PATH"] = folders[0]
    if options.memory == "kept":
        variables["MALLOC_MMAP_THRESHOLD_"] = KEPT_BYTES
        variables["MALLOC_TRIM_THRESHOLD_"] = KEPT_BYTES
    return variables


def execute(command, cores, variables):
    """What a program pinned to cores prints; leave if it fails."""
    try:
        done = subprocess.run(
            command, env=variables, text=True, capture_output=True,
            preexec_fn=lambda: os.sched_setaffinity(0, cores))
    except OSError as error:
        sys.exit(f"compare_pytorch: {command[0]}: {error.strerror}")
    if done.returncode == 0:
        return done.stdout
    print((done.stdout + done.stderr).strip(), file=sys.stderr)
    if done.returncode == MISSING and str(PEER) in command:
        sys.exit(MISSING)
    sys.exit(f"compare_pytorch: exit code {done.returncode} of "
             + " ".join(command))


def children_seconds():
    """Processor time of all programs that were run."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def command_of(run, options):
    """A measurement's program and arguments."""
    program = ([options.kanjo] if run.program == "kanjo"
               else [run.program, "-B", str(PEER)])
    return program + run.words + ["--epochs", str(options.epochs),
                                  "--warmup", str(options.warmup)]


def measure(run, options):
    """The JSON object that a run printed."""
    command = command_of(run, options)
    began = time.perf_counter(), children_seconds()
    printed = execute(command, options.cores[:run.threads],
                      environment(run, options))
    share = ((children_seconds() - began[1])
             / (time.perf_counter() - began[0]) / run.threads)
    wanted = {"batch": run.batch, "precision": run.precision,
              "threads": run.threads,
              "smoothing": "none" if run.case == "none" else "vat"}
    for line in printed.splitlines():
        if line.startswith("{"):
            result = json.loads(line)
            if all(result.get(key) == wanted[key] for key in wanted):
                return {**result, "core_share": share}
    sys.exit(f"compare_pytorch: no object of {wanted} from "
             + " ".join(command))


def measure_all(options, facts):
    """{run: results, one a round}, and in the order they were taken."""
    results, log = {}, []
    for threads, batch in itertools.product(options.threads, options.batches):
        runs = [replace(run, threads=threads, batch=batch)
                for run in schedule(options, facts)]
        for number in range(options.rounds):
            for run in runs if number % 2 == 0 else reversed(runs):
                result = measure(run, options)
                results.setdefault(run, []).append(result)
                log.append({"round": number, "program": run.program, **result})
                print(f"threads {threads} batch {batch} round {number + 1}: "
                      f"{run.program} {run.name}: "
                      f"{result['median_seconds']:.3f} s", file=sys.stderr)
    return results, log


# --- Facts --------------------------------------------------------------------

def probe(python, precision, options):
    """Facts of a torch, and how many products of a step its oneDNN computes."""
    run = Run(python, "exact", precision)
    variables = environment(run, options)
    variables["ONEDNN_VERBOSE"] = "1"
    printed = execute([python, "-B", str(PEER), "--facts", *run.words],
                      options.cores[:1], variables)
    lines = printed.splitlines()
    facts = json.loads(lines[-1])
    facts["onednn_products"] = sum(
        "dnn" in line and ",exec," in line
        and any(kind in line for kind in (",matmul,", ",inner_product,"))
        for line in lines)
    return facts


def find_facts(options):
    """{interpreter: facts}, with oneDNN's share of each precision."""
    facts = {}
    for python in options.python:
        facts[python] = probe(python, "fp32", options)
        facts[python]["onednn_products"] = {
            "fp32": facts[python]["onednn_products"],
            "bf16": probe(python, "bf16", options)["onednn_products"]}
    return facts


def processor():
    """The processor's name."""
    with open("/proc/cpuinfo") as stream:
        for line in stream:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return "unknown"


def print_facts(facts, options, load):
    """The machine, and what computes the peer's products."""
    print(f"\nprocessor  {processor()}")
    print(f"cores      {', '.join(map(str, options.cores))}; load average "
          f"{load[0]:.2f} before, {os.getloadavg()[0]:.2f} after")
    print(f"peer       memory {options.memory}; {options.rounds} rounds of "
          f"{options.epochs} epochs after {options.warmup}")
    for python, fact in facts.items():
        products = fact["onednn_products"]
        print(f"\n{python}: torch {fact['torch']}, {fact['capability']}, "
              f"MKL {'used' if fact['mkl'] else 'absent'}")
        print("  matrix products by oneDNN, of a VAT step's 19: "
              f"fp32 {products['fp32']}, bf16 {products['bf16']}")
        if fact["bf16_slowness"] > SLOWEST_BF16:
            print(f"  bf16 left out: its products take "
                  f"{fact['bf16_slowness']:.0f} times fp32's here")
        for line in fact["parallel_info"].splitlines():
            if (("MKL" in line or "Math Kernel" in line)
                    and "NUM_THREADS" not in line):
                print("  " + line.strip())
        for path in fact["mapped"]:
            print("  mapped " + path)
        if any("openblas-pthread" in path for path in fact["mapped"]):
            print("  NOT A FAIR PEER on two threads: the pthread OpenBLAS. "
                  "apt-get install libopenblas0-openmp")


# --- Tables -------------------------------------------------------------------

def spread(values, form):
    """Median (least..greatest)."""
    middle, least, most = (
        format(value, form)
        for value in (statistics.median(values), min(values), max(values)))
    return f"{middle} ({least}..{most})"


def target_of(peer, kanjo, facts):
    """The ratio to reach, or None."""
    if (peer.threads > 1 or peer.precision != "fp32" or peer.case != "power"
            or kanjo.case != "exact"
            or not facts[peer.program]["torch"].startswith(TARGET_TORCH)):
        return None
    if kanjo.precision == "bf16":
        return BF16_TARGET
    return FP32_TARGETS.get(peer.batch)


def compare(peer, kanjo, results, facts):
    """One line of a table, as numbers."""
    seconds = [[result["median_seconds"] for result in results.get(run, [])]
               for run in (peer, kanjo)]
    row = {"peer": peer.program, "torch": facts[peer.program]["torch"],
           "peer_run": peer.name, "kanjo_run": kanjo.name,
           "threads": peer.threads, "batch": peer.batch,
           "peer_seconds": seconds[0], "kanjo_seconds": seconds[1],
           "ratios": [p / k for p, k in zip(*seconds)],
           "target": target_of(peer, kanjo, facts)}
    limits = [result["fraction_of_limit"] for result in results.get(kanjo, [])
              if result.get("fraction_of_limit") is not None]
    row["fraction_of_limit"] = statistics.median(limits) if limits else None
    row["least_core_share"] = min(result["core_share"] for run in (peer, kanjo)
                                  for result in results.get(run, []))
    return row


def print_row(row):
    """One batch."""
    columns = [f"{row['batch']:5}", f"{spread(row['peer_seconds'], '.3f'):20}"]
    if row["ratios"]:
        target = row["target"]
        met = (target is not None
               and statistics.median(row["ratios"]) >= target)
        limit = row["fraction_of_limit"]
        columns += [f"{spread(row['kanjo_seconds'], '.3f'):20}",
                    f"{'-' if limit is None else format(limit, '.0%'):>5}",
                    f"{spread(row['ratios'], '.2f'):17}",
                    "" if target is None
                    else f"{target:.2f} {'met' if met else 'MISSED'}"]
    if row["threads"] == 1 and row["least_core_share"] < LEAST_SHARE:
        columns.append(f"disturbed: {row['least_core_share']:.0%} of the core")
    print("  ".join(columns).rstrip())


def print_table(rows):
    """One pair of runs at all batches."""
    first = rows[0]
    head = (f"\nPyTorch {first['torch']} {first['peer_run']}"
            f", {first['threads']} thread{'s' * (first['threads'] > 1)}")
    if first["ratios"]:
        head += f"; Kanjo {first['kanjo_run']}"
    print(head + "; seconds an epoch")
    print("batch  PyTorch" + ("               Kanjo                 limit  "
                              "ratio              target"
                              if first["ratios"] else ""))
    for row in rows:
        print_row(row)


def make_rows(results, facts, options):
    """All lines, by table."""
    tables = {}
    for python, threads in itertools.product(options.python, options.threads):
        for pair in comparisons(python, options, facts):
            if not options.kanjo and pair[0].name != pair[1].name:
                continue  # the peer alone: once, with its like
            key = (python, threads, *pair)
            tables[key] = [
                compare(*(replace(run, threads=threads, batch=batch)
                          for run in pair), results, facts)
                for batch in options.batches]
    return list(tables.values())


# --- The command line ---------------------------------------------------------

def numbers(text):
    """Comma-separated positive whole numbers."""
    values = [int(word) for word in text.split(",")]
    if min(values) < 1:
        raise ValueError
    return values


def among(allowed):
    """Comma-separated words of a list."""
    def words(text):
        values = text.split(",")
        if not set(values) <= set(allowed):
            raise ValueError
        return values
    words.__name__ = "list of " + ", ".join(allowed) + ":"
    return words


def read_options():
    """The command line; what is not given is short with --quick."""
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n\n")[0],
        epilog=__doc__.partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kanjo", metavar="PATH", help="bench_train")
    parser.add_argument("--python", action="append", metavar="PATH",
                        help=f"has a torch; repeatable; {DEBIAN_PYTHON}")
    parser.add_argument("--batches", type=numbers)
    parser.add_argument("--threads", type=numbers)
    parser.add_argument("--cases", type=among(CASES))
    parser.add_argument("--precisions", type=among(PRECISIONS))
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--memory", choices=("default", "kept"),
                        default="default", help="of the peer's allocator")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", metavar="OUT")
    parser.add_argument("--self-test", action="store_true",
                        help="of every --python's peer")
    options = parser.parse_args()
    full = {"python": [DEBIAN_PYTHON], "batches": list(FP32_TARGETS),
            "threads": [1, 2], "cases": list(CASES),
            "precisions": list(PRECISIONS), "rounds": 3, "epochs": 3}
    quick = {"batches": [32, 128], "threads": [1], "cases": ["power"],
             "precisions": ["fp32"], "rounds": 1, "epochs": 1}
    for name, value in {**full, **(quick if options.quick else {})}.items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    options.cores = sorted(os.sched_getaffinity(0))
    if max(options.threads) > len(options.cores):
        parser.error(f"--threads {max(options.threads)}: this process may use "
                     f"{len(options.cores)} cores")
    if min(options.rounds, options.epochs) < 1 or options.warmup < 0:
        parser.error("--rounds and --epochs must be at least 1, --warmup 0")
    return options


def self_test(options):
    """The peer's test with every interpreter."""
    for python in options.python:
        print(python)
        print(execute([python, "-B", str(PEER), "--self-test"], options.cores,
                      environment(Run(python, "power", "fp32"), options)))


def main():
    options = read_options()
    if options.self_test:
        self_test(options)
        return
    load = os.getloadavg()
    facts = find_facts(options)
    results, log = measure_all(options, facts)
    tables = make_rows(results, facts, options)
    if options.json:
        report = {"processor": processor(), "cores": options.cores,
                  "memory": options.memory, "facts": facts,
                  "measurements": log, "ratios": sum(tables, [])}
        text = json.dumps(report, indent=1) + "\n"
        pathlib.Path(options.json).write_text(text)
    for rows in tables:
        print_table(rows)
    print_facts(facts, options, load)


if __name__ == "__main__":
    main()
