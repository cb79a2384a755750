"""Two tables of IS09 functionals agree as two tiers of kernels do.

    compare_features.py GOT EXPECTED

Columns, names and positions are equal; any other value differs by at most 1e-4
of itself plus 1e-6 of its contour's largest magnitude, and 1e-4 for skewness and
kurtosis: the tolerance towards openSMILE (docs/features.md).
"""
import csv
import sys


def rows_of(path):
    with open(path, newline="") as file:
        yield from csv.reader(file)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


def scale_of(contour):
    return max(abs(contour["max"]), abs(contour["min"]))


def tolerance(statistic, value, size):
    shape = 1e-4 if statistic in ("skewness", "kurtosis") else 0.0
    return 1e-4 * abs(value) + 1e-6 * size + shape


def compare(name, head, got, expected, problems):
    """Returns the largest difference over its tolerance."""
    contours, worst = {}, 0.0
    for column, text in zip(head, expected):
        contour, _, statistic = column.rpartition("_")
        if is_number(text):
            contours.setdefault(contour, {})[statistic] = float(text)
    for column, x, v in zip(head, got, expected):
        contour, _, statistic = column.rpartition("_")
        if x == v:
            continue
        if ("max" not in contours.get(contour, {}) or not is_number(x)
                or statistic.endswith("Pos")):
            problems.append(f"{name}: {column}: {x}, not {v}")
            continue
        limit = tolerance(statistic, float(v), scale_of(contours[contour]))
        ratio = abs(float(x) - float(v)) / limit
        worst = max(worst, ratio)
        if ratio > 1.0:
            problems.append(f"{name}: {column}: {x}, not {v} +- {limit:.3g}")
    return worst


def main():
    got, expected = (list(rows_of(path)) for path in sys.argv[1:])
    problems, worst = [], 0.0
    if got[0] != expected[0] or len(got) != len(expected):
        problems.append("other columns, or another number of rows")
    for x, v in zip(got[1:], expected[1:]):
        worst = max(worst, compare(v[0], got[0], x, v, problems))
    print("\n".join(problems[:20]))
    print(f"{len(expected) - 1} rows; the largest difference is {worst:.3f} of "
          f"its tolerance; {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
