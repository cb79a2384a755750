"""The core calls nothing but libm and a little of the C library.

    check_symbols.py libkanjo_core.a

Every symbol that the archive leaves open must stand below: no file, no
thread, no clock, no environment, and memory only from base/memory.c.
"""

import re
import subprocess
import sys

ANYWHERE = set(
    # string.h, and snprintf into a caller's buffer
    "memchr memcmp memcpy memmove memset strcmp strlen snprintf vsnprintf"
    " strncmp strcpy"
    # math.h, float and double, and what compilers make of sin with cos
    " acos atan2 ceil cos exp exp2 fabs floor fmax fmin fmod frexp ldexp log"
    " log10 log1p log2 lround pow rint round sin sincos sqrt"
    " cosf expf fabsf floorf fmaxf fminf log10f logf powf roundf sinf sincosf"
    " sqrtf rintf"
    # assert, stack protector, the choice of kernels by processor, linking
    " __assert_fail __stack_chk_fail __cpu_model __cpu_features2"
    " __cpu_indicator_init _GLOBAL_OFFSET_TABLE_".split()
)
ONLY_IN = {"memory.c": {"malloc", "realloc", "free"}, "tier.c": {"getenv"}}
INSTRUMENTS = re.compile(r"^(__[atlu]san|__sanitizer|__ubsan|__gcov|__tsan)_")


def symbols(archive):
    """(object file, symbol, is undefined) of every symbol of the archive."""
    table = subprocess.run(
        ["nm", "-A", archive], check=True, capture_output=True, text=True
    ).stdout
    for line in table.splitlines():
        place, kind, name = re.match(r"(\S+?):[ 0-9a-f]* (\w) (\S+)", line).groups()
        source = place.rsplit(":", 1)[-1].split("/")[-1]
        source = re.sub(r"\.o(bj)?$", "", source)
        yield source, name.split("@")[0], kind in "Uw"


def main():
    table = list(symbols(sys.argv[1]))
    own = {name for _, name, is_open in table if not is_open}
    wanted = {(s, n) for s, n, is_open in table if is_open and n not in own}
    bad = sorted(
        f"{source}: {name}"
        for source, name in wanted
        if name not in ANYWHERE | ONLY_IN.get(source, set())
        and not INSTRUMENTS.match(name)
    )
    assert own and wanted, "nm gave no symbols"
    print(f"{len(wanted)} references out of the core")
    sys.exit("\n".join(["not for the core:", *bad]) if bad else 0)


main()
