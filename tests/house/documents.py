#!/usr/bin/python3
"""The documents speak of what is there.   documents.py KANJO

Every link between them leads to a file and, where it names one, a heading;
every path of this repository in `backticks` exists; every verb and option in a
command line is one that the program knows.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
QUOTED = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:src|include|tests|tools|docs|cmake|examples|fuzz|data)"
                  r"/[\w./-]*")
OPTION = re.compile(r"--[a-z][a-z-]*")


def documents():
    found = sorted(p for p in ROOT.glob("*.md"))
    for folder in ("docs", "data", "examples", "tests", "fuzz"):
        found += sorted((ROOT / folder).rglob("*.md"))
    return found


def headings(path):
    """The anchors of a document, as GitHub makes them."""
    lines = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-")
            for line in lines}


def check_links(path, text, problems):
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        if not other.exists():
            problems.append(f"{path.relative_to(ROOT)}: leads to {target}, "
                            "which is not there")
        elif anchor and anchor not in headings(other):
            problems.append(f"{path.relative_to(ROOT)}: {target}: no such "
                            "heading")


def check_paths(path, text, problems):
    for quoted in QUOTED.findall(text):
        if PATH.fullmatch(quoted) and not (ROOT / quoted).exists():
            problems.append(f"{path.relative_to(ROOT)}: `{quoted}` is not "
                            "there")


def command_lines(text):
    """What begins with "kanjo VERB": `quoted`, or a line of a code block."""
    for quoted in QUOTED.findall(text):
        yield quoted
    for block in re.findall(r"^```\w*\n(.*?)^```", text,
                            re.MULTILINE | re.DOTALL):
        yield from block.replace("\\\n", " ").splitlines()


def check_commands(path, text, known, problems):
    for line in command_lines(text):
        match = re.match(r"\s*(?:\S*/)?kanjo ([a-z][a-z-]*)( [a-z][a-z-]*)?(.*)",
                         line)
        if not match:
            continue
        verb, second, rest = match.groups(default="")
        if verb + second in known:
            verb += second
        if verb not in known:
            problems.append(f"{path.relative_to(ROOT)}: no verb {verb}: {line}")
            continue
        for option in OPTION.findall(rest.partition("#")[0]):
            if option not in known[verb]:
                problems.append(f"{path.relative_to(ROOT)}: kanjo {verb} has "
                                f"no {option}")


def known_commands(kanjo):
    """Verb -> its options, from the program's own help."""
    def help_of(*words):
        return subprocess.run([kanjo, *words, "--help"], check=True, text=True,
                              capture_output=True).stdout
    verbs = re.findall(r"^ +([a-z][a-z-]*(?: [a-z][a-z-]*)?)  ", help_of(),
                       re.MULTILINE)
    return {verb: set(OPTION.findall(help_of(*verb.split())))
            for verb in verbs}


def main():
    known = known_commands(sys.argv[1])
    problems = []
    paths = documents()
    for path in paths:
        text = path.read_text()
        check_links(path, text, problems)
        check_paths(path, text, problems)
        check_commands(path, text, known, problems)
    for problem in problems:
        print(problem)
    print(f"documents: {len(paths)}, {len(problems)} problems")
    return 1 if problems or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
