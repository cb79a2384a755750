#!/usr/bin/python3 -B
"""The peer of bench/train: the same training in eager PyTorch, written well.

A network 384-1200-600-1, ReLU hidden and output, descends
mean squared error + LAMBDA * R by Adam, R being the VAT term of
include/kanjo/smoothing.h, over 8,604 rows of standard normal inputs and targets
in 1..5. Done for speed, as far as eager PyTorch goes:

* the clean forward pass is computed once: it serves the supervised loss, the
  target of R (detached) and the direction;
* the direction asks autograd for the gradient of its input alone, and the
  parameters' backward pass for theirs alone: no product is thrown away
  (--self-test counts them);
* ReLU works in place, denormals are flushed to 0, gradients are set to None;
* the fastest Adam of this torch is found by measuring;
* data lie in one tensor, permuted once an epoch; a batch is a slice of it.

Prints one JSON object a run, in the fields of bench_train --json and a few of
its own. Runs on torch 1.13 and newer; needs nothing else (--self-test: numpy).
"""
import argparse
import json
import math
import os
import statistics
import sys
import time

MISSING = 2  # exit code: no torch here
INSTALL = """\
peer_pytorch: {python} has no torch: {error}
  Debian 12: apt-get install python3-torch libopenblas0-openmp
             (and run it with /usr/bin/python3)
  elsewhere: python3 -m venv DIR && DIR/bin/pip install torch numpy
             (and run it with DIR/bin/python)"""

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    print(INSTALL.format(python=sys.executable, error=error), file=sys.stderr)
    sys.exit(MISSING)

WIDTHS = (384, 1200, 600, 1)
N_ROWS = 8604  # utterances of the paper's corpus
LAMBDA = 1.5   # Kuwahara et al., ICAART 2020, figure 3
EPSILON = 1.5  # the same, figure 4; |r|
SIGMA = 1.0
XI = 1e-3      # the power iteration's step is XI * |x|; smoothing.h
LEARNING_RATE = 1e-3
MEAN_TARGET = 3.0  # of ratings on 1..5; where the output's bias starts


# --- The step -----------------------------------------------------------------

def make_network(dtype=torch.float32):
    """The network up to its output's ReLU, which only the losses pass."""
    layers = []
    for n_in, n_out in zip(WIDTHS, WIDTHS[1:]):
        layers += [nn.Linear(n_in, n_out), nn.ReLU(inplace=True)]
    network = nn.Sequential(*layers[:-1])
    nn.init.constant_(network[-1].bias, MEAN_TARGET)
    return network.to(dtype)


def along(gradient):
    """Rows of length EPSILON along those of a gradient; 0 stays 0."""
    return functional.normalize(gradient, dim=1, eps=1e-30).mul_(EPSILON)


def exact_direction(x, clean, signs):
    """r = +-EPSILON g / |g|, g the gradient of the output before its ReLU.

    A row's output depends on that row alone: the gradient of the sum holds
    each row's own.
    """
    gradient, = torch.autograd.grad(clean.sum(), x, retain_graph=True)
    return along(gradient).mul_(signs)


def power_direction(forward, x, clean, starts):
    """One power iteration from rows of random direction (Miyato et al.)."""
    length = x.norm(dim=1, keepdim=True).mul_(XI)
    probe = functional.normalize(starts, dim=1).mul_(length).add_(x)
    probe.requires_grad_()
    divergence = (forward(probe) - clean.detach()).square().sum()
    gradient, = torch.autograd.grad(divergence, probe)
    return along(gradient)


def draw(options, x):
    """What a step draws at random: starts (power) or signs (exact)."""
    if options.direction == "power":
        return torch.randn_like(x)
    return torch.randint(0, 2, (len(x), 1)).mul_(2).sub_(1).to(x.dtype)


def objective(options, network, x, y, drawn):
    """The value to descend at a batch."""
    def forward(rows):
        with torch.autocast("cpu", torch.bfloat16, options.precision == "bf16"):
            return network(rows).to(y.dtype)

    vat = options.smoothing == "vat"
    exact = options.direction == "exact"
    x = x.detach().requires_grad_(vat and exact)
    clean = forward(x)
    output = functional.relu(clean)
    supervised = functional.mse_loss(output, y)
    if not vat:
        return supervised
    r = (exact_direction(x, clean, drawn) if exact
         else power_direction(forward, x, clean, drawn))
    moved = functional.relu(forward(x.detach() + r))
    divergence = functional.mse_loss(moved, output.detach())
    return supervised + LAMBDA / (2 * SIGMA ** 2) * divergence


def gradients(options, network, batch, drawn):
    """Leave in .grad the gradient at a batch; give the objective."""
    parameters = list(network.parameters())
    value = objective(options, network, *batch, drawn)
    value.backward(inputs=parameters)
    return value


# --- Adam ---------------------------------------------------------------------

def adam_kinds():
    """Every eager Adam that this torch may have for the CPU."""
    return {"loop": {"foreach": False}, "foreach": {"foreach": True},
            "fused": {"fused": True}}


def adam_seconds(network, arguments):
    """Least time of a step, on gradients of 0, which leave a network alone."""
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, **arguments)
    times = []
    for _ in range(12):
        begin = time.perf_counter()
        adam.step()
        times.append(time.perf_counter() - begin)
    return min(times[2:])


def fastest_adam(network):
    """The name of the fastest Adam, and an optimiser of that kind."""
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    seconds = {}
    for name, arguments in adam_kinds().items():
        try:
            seconds[name] = adam_seconds(network, arguments)
        except (RuntimeError, TypeError, ValueError):
            continue  # this torch does not have it, or not on the CPU
    name = min(seconds, key=seconds.get)
    adam = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE,
                            **adam_kinds()[name])
    return name, adam


# --- A run --------------------------------------------------------------------

def make_data():
    """Inputs (N_ROWS, n_in) and targets (N_ROWS, 1)."""
    x = torch.randn(N_ROWS, WIDTHS[0])
    return x, 1 + 4 * torch.rand(N_ROWS, 1)


def run_epoch(options, network, adam, data):
    """Train one epoch; give its seconds and the last batch's objective."""
    begin = time.perf_counter()
    order = torch.randperm(N_ROWS)
    x, y = (tensor[order] for tensor in data)
    for batch in zip(x.split(options.batch), y.split(options.batch)):
        drawn = draw(options, batch[0]) if options.smoothing == "vat" else None
        adam.zero_grad(set_to_none=True)
        value = gradients(options, network, batch, drawn)
        adam.step()
    return time.perf_counter() - begin, value.item()


def run(options):
    """Warm up, measure, and give the fields of the JSON object."""
    torch.manual_seed(options.seed)
    data = make_data()
    network = make_network()
    name, adam = fastest_adam(network)
    for _ in range(options.warmup):
        run_epoch(options, network, adam, data)
    epochs = [run_epoch(options, network, adam, data)
              for _ in range(options.epochs)]
    seconds = [epoch[0] for epoch in epochs]
    if not math.isfinite(epochs[-1][1]):
        sys.exit("peer_pytorch: the training diverged; its times mean nothing")
    median = statistics.median(seconds)
    return {"batch": options.batch, "smoothing": options.smoothing,
            "direction": options.direction, "precision": options.precision,
            "threads": options.threads, "seconds_per_epoch": seconds,
            "median_seconds": median,
            "ms_per_batch": 1e3 * median / math.ceil(N_ROWS / options.batch),
            "last_objective": epochs[-1][1], "adam": name, **machine_facts()}


def mapped_libraries():
    """Files of BLAS, oneDNN and OpenMP that this process has mapped."""
    names = ("blas", "mkl", "dnnl", "gomp", "iomp")
    try:
        with open("/proc/self/maps") as maps:
            paths = {line.split()[-1] for line in maps if "/" in line}
    except OSError:
        return []
    return sorted(path for path in paths
                  if any(name in os.path.basename(path) for name in names))


def product_seconds(dtype):
    """Least time of one product of a batch's size."""
    a = torch.ones(128, WIDTHS[1]).to(dtype)
    b = torch.ones(WIDTHS[1:3]).to(dtype)
    times = []
    for _ in range(4):
        begin = time.perf_counter()
        torch.mm(a, b)
        times.append(time.perf_counter() - begin)
    return min(times)


def machine_facts():
    """Which torch this is, and what computes its products.

    To be called after a step: some libraries are mapped at their first use.
    """
    config = torch.__config__.show()
    capability = config.partition("CPU capability usage: ")[2]
    return {"torch": torch.__version__, "mapped": mapped_libraries(),
            "capability": capability.partition("\n")[0] or "unknown",
            "mkl": torch.backends.mkl.is_available(),
            "onednn": torch.backends.mkldnn.is_available(),
            "torch_threads": torch.get_num_threads(),
            "parallel_info": torch.__config__.parallel_info()}


def touch(options):
    """Compute one gradient, so that whatever computes it shows itself."""
    network = make_network()
    batch = [tensor[:options.batch] for tensor in make_data()]
    gradients(options, network, batch, draw(options, batch[0]))


def read_options():
    """The command line, in the words of bench_train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--json", action="store_true", help="always on")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--smoothing", choices=("none", "vat"), default="vat")
    parser.add_argument("--direction", choices=("exact", "power"),
                        default="power")
    parser.add_argument("--precision", choices=("fp32", "bf16"), default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--warmup", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--facts", action="store_true",
                        help="train nothing; print what the machine is")
    parser.add_argument("--self-test", action="store_true",
                        help="compare with a double computation in numpy")
    return parser.parse_args()


def main():
    options = read_options()
    torch.set_num_threads(options.threads)
    if not torch.set_flush_denormal(True):
        print("peer_pytorch: denormals are not flushed here", file=sys.stderr)
    if options.self_test:
        import check_pytorch
        sys.exit(check_pytorch.main())
    if options.facts:
        touch(options)
        facts = machine_facts()
        # Where the processor has no bf16 this is a plain loop: tens.
        facts["bf16_slowness"] = (product_seconds(torch.bfloat16)
                                  / product_seconds(torch.float32))
        print(json.dumps(facts), flush=True)
        return
    print(json.dumps(run(options)), flush=True)


if __name__ == "__main__":
    main()
