#!/usr/bin/python3
"""tools/check-walls and tools/check-shape catch what they are there for.

Each row is one small tree with one fault and the words that must name it.
"""
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIBRARY = ("set(KANJO_CORE_BASE memory.c)\n"
           "set(KANJO_CORE_NETWORK network.c)\n")
BRANCHES = "".join(f"  if (x == {i})\n    return {i};\n" for i in range(15))

# gate, what is wrong, files, words of the complaint; "" for no complaint
CASES = [
    ("walls", "nothing", {"src/base/memory.c": '#include <stdlib.h>\n'}, ""),
    ("walls", "base includes network",
     {"src/base/pool.c": '#include "network/panels.h"\n'},
     "src/base/pool.c:1: base may not include network"),
    ("walls", "siblings", {"src/audio/a.c": '#include "features/fft.h"\n'},
     "audio may not include features"),
    ("walls", "a public header upwards",
     {"src/metrics/m.c": '\n#include "kanjo/corpus.h"\n'},
     "src/metrics/m.c:2: metrics may not include corpus"),
    ("walls", "a public header includes upwards",
     {"include/kanjo/audio.h": '#include "kanjo/model.h"\n'},
     "include/kanjo/audio.h:1: audio may not include model"),
    ("walls", "a file in the core", {"src/estimator/e.c": "  fopen(x, y);\n"},
     "the core may not call this"),
    ("walls", "a thread in the core",
     {"src/features/f.c": "#include <pthread.h>\n"},
     "the core may not include <pthread.h>"),
    ("walls", "an instruction in the core",
     {"src/network/network.c": "#include <immintrin.h>\n"},
     "the core may not include <immintrin.h>"),
    ("walls", "an instruction in a kernel",
     {"src/network/kernels/k.h": "#include <immintrin.h>\n"}, ""),
    ("walls", "an instruction in a kernel of the features",
     {"src/features/kernels/k.c": "#include <immintrin.h>\n"}, ""),
    ("walls", "an instruction in the features",
     {"src/features/f.c": "#include <immintrin.h>\n"},
     "the core may not include <immintrin.h>"),
    ("walls", "a kernel that includes upwards",
     {"src/network/kernels/k.c": '#include "model/json.h"\n'},
     "src/network/kernels/k.c:1: network may not include model"),
    ("walls", "the environment in a kernel",
     {"src/network/kernels/k.c": '  getenv("X");\n'},
     "the core may not call this"),
    ("walls", "a header of no room", {"src/cli/c.c": '#include "util.h"\n'},
     '"util.h" is in no room'),
    ("walls", "a room of its own", {"src/util/u.c": "int x;\n"},
     "src/util: no such room"),

    ("shape", "nothing", {"src/base/a.c": "static const int x = 1;\n"}, ""),
    ("shape", "a long function",
     {"src/base/a.c": "void f(void)\n{\n" + "  g();\n" * 58 + "}\n"},
     "src/base/a.c:1: 61 lines; at most 60"),
    ("shape", "a function of 60 lines",
     {"src/base/a.c": "void f(void)\n{\n" + "  g();\n" * 57 + "}\n"}, ""),
    ("shape", "a tangled function",
     {"src/base/a.c": f"int f(int x)\n{{\n{BRANCHES}  return -1;\n}}\n"},
     "src/base/a.c:1: complexity 16; at most 15"),
    ("shape", "seven parameters",
     {"src/base/a.c": "int f(int a, int b, int c, int d, int e, int g,\n"
                      "      void (*h)(int, int))\n{\n  return a;\n}\n"},
     "7 parameters; at most 6"),
    ("shape", "seven in a kernel",
     {"src/network/a.c": "int f(int a, int b, int c, int d, int e, int g,\n"
                         "      int h)\n{\n  return a;\n}\n"}, ""),
    ("shape", "a long file", {"src/base/a.c": "/* x */\n" * 501},
     "501 lines; at most 500"),
    ("shape", "a global", {"src/base/a.c": "int counter;\n"},
     "mutable variable at file scope (variable src/base/a.c:counter)"),
    ("shape", "a global table of constant texts",
     {"src/base/a.c": 'static const char *names[] = {"a"};\n'},
     "mutable variable at file scope"),
    ("shape", "a constant table of constant texts",
     {"src/base/a.c": 'static const char *const names[] = {"a"};\n'}, ""),
    ("shape", "a global of a thread",
     {"src/base/a.c": "static _Thread_local int last;\n"},
     "mutable variable at file scope"),
    ("shape", "a static in a function",
     {"src/base/a.c": "int f(void)\n{\n  static int n = 0;\n  return n++;\n}\n"},
     "src/base/a.c:3: mutable variable that outlives its call"),
    ("shape", "a waived global",
     {"src/base/a.c": "int counter;\n",
      "tools/waivers.txt": "variable src/base/a.c:counter because\n"}, ""),
    ("shape", "a waiver without a reason",
     {"src/base/a.c": "int counter;\n",
      "tools/waivers.txt": "variable src/base/a.c:counter\n"},
     "tools/waivers.txt:1: no reason given"),
    ("shape", "a waiver that nothing needs",
     {"src/base/a.c": "static const int x = 1;\n",
      "tools/waivers.txt": "variable src/base/a.c:x because\n"},
     "nothing needs variable src/base/a.c:x"),
    ("shape", "nothing to measure", {"src/readme": ""}, "no .c or .h file"),
]


def run_gate(gate, files):
    """Exit code and output of a gate over a tree of these files."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {"cmake/library.cmake": LIBRARY, **files}.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([ROOT / f"tools/check-{gate}", root], text=True,
                              capture_output=True)
    return done.returncode, done.stdout + done.stderr


def main():
    failures = 0
    for gate, what, files, words in CASES:
        code, output = run_gate(gate, files)
        if code == (1 if words else 0) and words in output:
            continue
        failures += 1
        print(f"check-{gate}, {what}: exit code {code}, expected "
              f"{'the words: ' + words if words else 'no complaint'}; "
              f"said:\n{output}")
    print(f"gates: {len(CASES)} trees, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
