#!/usr/bin/python3 -B
"""The report, from results made here.   report.py DUMP

Page, Markdown, tables of figures and results have the same numbers; the page
is well-formed, needs nothing from outside, has headings in order and every
figure's files beside it; names with markup in them stay names; the same
results give the same bytes; what is missing is refused, the place named.
"""
import copy
import csv
import html.parser
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

DUMP = sys.argv.pop(1)
NASTY = 'a<b>&"c\' | `x` [y](z) #1, \x01 感情\uffff'
METRICS = ("mae", "rmse", "ccc", "pearson", "sd_ratio")
VOID = {"meta", "br"}


def metric(mean):
    return {"mean": mean, "low": mean - .1, "high": mean + .1, "spread": .012,
            "seeds": [mean]}


def contender(name, shift):
    return {"name": name, "method": "network", "smoothing": name,
            "lambda": 1.5, "epsilon": 1.5, "chosen": None, "paper": None,
            "metrics": {m: metric(.3 + .1 * i + shift)
                        for i, m in enumerate(METRICS)},
            "speakers": [{"speaker": f"c:{NASTY}{s}", "n": 2, "mae": .4 + s / 9,
                          "ccc": None} for s in range(3)],
            "estimate": [1.5, 2.25, 3.125, 4.0, None, 2.0]}


def comparison(p):
    return {"a": "vat", "b": "none", "metric": "mae", "difference": -.0123,
            "low": -.0456, "high": .0234, "effect_size": .77, "n_speakers": 3,
            "p_signflip": p, "p_wilcoxon": p, "p_signflip_holm": p,
            "p_wilcoxon_holm": p, "note": "3 speakers are few"}


def target(name):
    return {"name": name,
            "ceiling": {"mae": .4321, "ccc": .8765, "n_raters_mean": 3.0},
            "contenders": [contender("constant", .02), contender("none", .01),
                           contender("vat", 0)],
            "truth": [1, 2, 3, 4, 5, 2], "row_speaker": [0, 0, 1, 1, 2, 2],
            "speaker_names": [NASTY, "s2", "s3"],
            "comparisons": [comparison(.0301)],
            "robustness": [{"contender": c, "epsilon": [.5, 1, 2],
                            "random": [.01, .02, .04],
                            "adversarial": [.1, .2, None]}
                           for c in ("none", "vat")]}


def metrics(shift):
    return {m: metric(.3 + .1 * i + shift) for i, m in enumerate(METRICS)}


def routing():
    """A gate that is wrong on one row of six, and one method."""
    experts = [{"name": n, "paper": p, "scripted": metrics(.03 * i),
                "spontaneous": metrics(.05 * i)}
               for i, (n, p) in enumerate((("scripted", .69),
                                           ("spontaneous", .814),
                                           ("plain", None)))]
    routes = [{"name": n, "paper": p, "metrics": metrics(-.01 * i)}
              for i, (n, p) in enumerate((("plain", .761), ("hard", .749),
                                          ("oracle", None)))]
    pair = dict(comparison(.0401), a="vat:hard", b="vat:plain")
    return {"n_scripted": 3, "n_spontaneous": 3, "n_unknown": 2,
            "gate": {"train": ["a", NASTY], "n_train_rows": 9,
                     "hidden": [1200, 600, 300], "epochs": 30,
                     "smoothing": "vat",
                     "metrics": {"accuracy": metric(5 / 6),
                                 "balanced_accuracy": metric(.8),
                                 "auc": metric(.75), "log_loss": metric(.5),
                                 "calibration_error": metric(.2)},
                     "confusion": [[2, 1], [0.5, 2.5]],
                     "bins": [{"n": 4, "probability": .15, "share": .25},
                              {"n": 0, "probability": None, "share": None},
                              {"n": 2, "probability": .95, "share": 1.0}]},
            "targets": [{"name": "valence", "comparisons": [pair],
                         "systems": [{"method": "vat", "experts": experts,
                                      "routes": routes}]}]}


def intervals():
    counts = {"all": [{"name": "", "n": 6, "share": .8333}],
              "speakers": [{"name": "s1", "n": 2, "share": 1.0},
                           {"name": NASTY, "n": 4, "share": .5}],
              "genders": [{"name": "f", "n": 6, "share": .75}],
              "corpora": [{"name": "a", "n": 3, "share": 1.0},
                          {"name": "b", "n": 3, "share": .6}],
              "within": [], "across": [{"name": "", "n": 6, "share": .7}]}
    method = {"method": "vat", "half_width": 1.25, "unit": "rating",
              "mean_half_width": 1.25, "predicted": None} | counts
    return {"level": .9, "folds": "speaker:5",
            "targets": [{"name": "valence", "methods": [method]}]}


def full():
    values = {"vat": {"valence": {"mae": .6964}},
              "none": {"valence": {"mae": .7011}}}
    return {
        "format": "kanjo-results/1", "kanjo_version": "0.0",
        "protocol": {"name": "x", "title": f"Title {NASTY}", "form": "paper",
                     "synthetic": True, "text": "kanjo: 1\n```\n<b>\n",
                     "hash": "0" * 64, "our_choices": [NASTY]},
        "corpora": [{"name": NASTY, "n_rows": 6, "n_speakers": 3,
                     "languages": ["en", "ja"], "synthetic": True,
                     "hash": "1", "targets": {
                         "valence": {"n": 6, "mean": 2.5, "sd": .5}}}],
        "seeds": [1, 2],
        "experiments": [{
            "id": "E 1", "title": "One", "train": ["a"], "test": ["b"],
            "split": None, "is_leaky": True, "only": {"spontaneous": 1},
            "n_train_rows": 10, "n_test_rows": 6, "n_speakers": 3,
            "n_folds": 1, "notes": [NASTY],
            "paper": {"table": "Table 2", "values": values},
            "targets": [target("valence"), target("activation")],
            "sweeps": [{"target": "valence", "over": "lambda",
                        "fixed": {"epsilon": 1.0}, "method": "vat",
                        "points": [{"lambda": x, "epsilon": 1.0,
                                    "mae": metric(.7 - x / 10),
                                    "ccc": metric(.1)} for x in (0, 1.5, 3)],
                        "paper": [{"lambda": 1.5, "mae": .734}]}],
            "grids": [{"target": "valence", "method": "vat",
                       "lambda": [.5, 1.5], "epsilon": [1, 2, 3],
                       "mae": [[.1, .2, .3], [.4, .5, None]],
                       "ccc": [[.1, .2, .3], [.4, .5, .6]]}],
            "history": [{"contender": "vat", "target": "valence",
                         "epoch": [1, 2, 3], "loss": [.5, .4, .3],
                         "smoothing": [.1, .1, .1], "held_out_mae": None}],
            "routing": routing(), "intervals": intervals()}]}


class Page(html.parser.HTMLParser):
    """Tags that close in order, headings, tables, links."""

    def __init__(self, text):
        super().__init__()
        self.open, self.levels, self.links, self.ids = [], [], [], []
        self.tables, self.text, self.problems = [], [], []
        self.feed(text)
        self.problems += [f"{tag} is left open" for tag in self.open]

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.levels.append(int(tag[1]))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            if tag == "th" and "scope" not in attributes:
                self.problems.append("th without scope")
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes[a] for a in ("href", "src")
                       if a in attributes]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data


def markdown_tables(text):
    tables = []
    for line in text.splitlines():
        if not line.startswith("|"):
            tables.append([])
        elif not line.startswith("|---"):
            cells = re.split(r"(?<!\\)\|", line)[1:-1]
            tables[-1].append([re.sub(r"\\(.)", r"\1", c.strip())
                               for c in cells])
    return [table for table in tables if table]


class Report(unittest.TestCase):
    def write(self, results, code=0):
        folder = tempfile.TemporaryDirectory(prefix="kanjo-report-")
        self.addCleanup(folder.cleanup)
        root = pathlib.Path(folder.name)
        (root / "results.json").write_text(json.dumps(results))
        done = subprocess.run([DUMP, root / "results.json", root / "out"],
                              capture_output=True, text=True, check=False)
        self.assertEqual((code == 0, done.returncode == 0),
                         (True, True) if code == 0 else (False, False),
                         done.stderr)
        return root / "out", done.stderr

    def page(self, results):
        out, _ = self.write(results)
        return out, Page((out / "report.html").read_text())

    def test_page_is_whole_and_alone(self):
        out, page = self.page(full())
        self.assertEqual(page.problems, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        self.assertEqual(page.levels[0], 1)
        for a, b in zip(page.levels, page.levels[1:]):
            self.assertLessEqual(b, a + 1)
        text = (out / "report.html").read_text()
        self.assertNotIn("<script", text)
        outside = text.replace("http://www.w3.org/2000/svg", "")
        self.assertNotRegex(outside, r"https?://|url\(|@import")
        for link in page.links:
            self.assertTrue((out / link).is_file(), link)

    def test_names_stay_names(self):
        out, page = self.page(full())
        shown = re.sub("[\x01\uffff]", "\ufffd", NASTY)
        self.assertIn(f"Title {shown}", "".join(page.text))
        self.assertNotIn("<b>", (out / "report.html").read_text())
        for svg in (out / "figures").glob("*.svg"):
            xml.etree.ElementTree.parse(svg)

    def test_page_and_markdown_have_the_same_tables(self):
        out, page = self.page(full())
        text = (out / "report.md").read_text()
        want = [[[cell.replace("\ufffd", " ") for cell in row]
                 for row in table] for table in page.tables]
        got = [[[cell.replace("\uffff", " ") for cell in row]
                for row in table] for table in markdown_tables(text)]
        self.assertEqual(got, want)

    def test_numbers_are_those_of_the_results(self):
        _, page = self.page(full())
        methods = next(t for t in page.tables if t[0][0] == "method")
        vat = next(row for row in methods if row[0].startswith("vat"))
        self.assertEqual(vat[1], "0.300 [0.200, 0.400] ± 0.012")
        self.assertEqual(vat[3], "0.500 [0.400, 0.600] ± 0.012")
        self.assertEqual(methods[-1][1], "0.432")
        paper = next(t for t in page.tables if t[0][0] == "model")
        self.assertEqual(paper[1][:3],
                         ["DNN with VAT", "0.6964", "0.3000 [0.2000, 0.4000]"])
        tested = next(t for t in page.tables if t[0][0] == "difference")
        self.assertEqual(tested[1][1:6], ["-0.0123 [-0.0456, 0.0234]",
                                          "0.77", "3", "0.030", "0.030"])

    def test_routing_has_its_tables_and_figure(self):
        out, page = self.page(full())
        gate = next(t for t in page.tables if t[0][0] == "accuracy")
        self.assertEqual(gate[1][2], "0.750 [0.650, 0.850] ± 0.012")
        confusion = next(t for t in page.tables if t[0][0] == "truth")
        self.assertEqual(confusion[1:], [["scripted", "2", "1", "0.667"],
                                         ["spontaneous", "0.5", "2.5",
                                          "0.833"]])
        experts = next(t for t in page.tables if t[0][:2] == ["method",
                                                              "trained on"])
        self.assertEqual([row[1] for row in experts[1:]],
                         ["scripted", "spontaneous", "all speech"])
        self.assertEqual([row[-1] for row in experts],
                         ["paper's MAE", "0.690", "0.814", "-"])
        self.assertEqual(experts[2][2], "0.330 [0.230, 0.430] ± 0.012")
        routes = next(t for t in page.tables if t[0][:2] == ["method",
                                                             "route"])
        self.assertEqual([row[-1] for row in routes[1:]],
                         ["0.761", "0.749", "-"])
        self.assertEqual(routes[2][2], "0.290 [0.190, 0.390] ± 0.012")
        text = "".join(page.text)
        self.assertIn("The kind of 2 tested rows is not known", text)
        self.assertIn("MAE of vat:hard minus that of vat:plain", text)
        with open(out / "figures/e-1-reliability-gate.csv") as f:
            rows = list(csv.reader(f))
        self.assertEqual([row[:3] for row in rows[1:]],
                         [["gate", "0.15", "0.25"], ["gate", "0.95", "1"],
                          ["as it should be", "0", "0"],
                          ["as it should be", "1", "1"]])

    def test_without_routing_there_is_no_section(self):
        for nothing in (None, "absent"):
            results = full()
            results["experiments"][0]["routing"] = None
            if nothing:
                del results["experiments"][0]["routing"]
            _, page = self.page(results)
            self.assertNotIn("routing", "".join(page.text))

    def test_a_gate_that_nobody_could_measure(self):
        results = full()
        gate = results["experiments"][0]["routing"]["gate"]
        gate.update(metrics={}, confusion=[], bins=[])
        out, page = self.page(results)
        self.assertIn("the gate cannot be measured", "".join(page.text))
        self.assertFalse((out / "figures/e-1-reliability-gate.csv").exists())

    def test_intervals_name_the_worst(self):
        _, page = self.page(full())
        table = next(t for t in page.tables if t[0][1] == "interval")
        self.assertEqual([row[2:] for row in table[1:]],
                         [["all", "6", "83.3 %"],
                          [table[2][2], "4", "50.0 %"],
                          ["corpus a", "3", "100.0 %"],
                          ["corpus b", "3", "60.0 %"],
                          ["other corpora", "6", "70.0 %"]])
        self.assertTrue(table[2][2].startswith("the worst speaker a<b>"))
        self.assertEqual(table[1][1], "±1.250")

    def test_intervals_of_each_speaker(self):
        _, page = self.page(full())
        table = next(t for t in page.tables if t[0][0] == "speaker")
        self.assertEqual(table[0], ["speaker", "rows", "vat"])
        self.assertEqual(table[1], ["s1", "2", "100.0 %"])
        self.assertEqual(table[2][1:], ["4", "50.0 %"])

    def test_intervals_of_many_speakers(self):
        results = full()
        target = results["experiments"][0]["intervals"]["targets"][0]
        method = target["methods"][0]
        shares = [1 - (i * 7 % 61) / 100 for i in range(61)]
        method["speakers"] = [{"name": f"s{i:02}", "n": 3, "share": .9}
                              for i in range(61)]
        target["methods"].append(method | {"method": "none", "speakers": [
            one | {"share": share}
            for one, share in zip(method["speakers"], shares)]})
        _, page = self.page(results)
        table = next(t for t in page.tables if t[0][0] == "speaker")
        self.assertEqual(table[0][2:], ["vat", "none"])
        self.assertEqual([row[3] for row in table[1:]],
                         [f"{40 + i}.0 %" for i in range(20)])
        self.assertEqual(table[1][0], f"s{shares.index(min(shares)):02}")
        self.assertIn("the 20 lowest of 61, by the mean of the columns",
                      "".join(page.text))

    def test_intervals_of_predicted_deviations(self):
        results = full()
        target = results["experiments"][0]["intervals"]["targets"][0]
        counts = {key: value for key, value in target["methods"][0].items()
                  if isinstance(value, list)}
        target["methods"][0].update(
            unit="sd", mean_half_width=.4, predicted=counts | {
                "half_width": 1.645, "mean_half_width": .526, "mean_sd": .32,
                "nll": 2.5})
        _, page = self.page(results)
        table = next(t for t in page.tables if t[0][1] == "interval")
        self.assertEqual(table[1][1], "±1.250 sd, ±0.400")
        row = next(row for row in table if row[0] == "vat, predicted")
        self.assertEqual(row[1:3], ["±1.645 sd, ±0.526", "all"])
        likely = next(t for t in page.tables if t[0][1] == "mean deviation")
        self.assertEqual(likely[1], ["vat", "0.320", "2.500"])
        speakers = next(t for t in page.tables if t[0][0] == "speaker")
        self.assertEqual(speakers[0][2:], ["vat", "vat, predicted"])

    def test_words_do_not_claim_more_than_the_tests(self):
        results = full()
        _, page = self.page(results)
        self.assertIn("corrected p 0.030: a difference beyond chance",
                      "".join(page.text))
        results["experiments"][0]["routing"] = None
        results["experiments"][0]["targets"] = [target("valence")]
        results["experiments"][0]["targets"][0]["comparisons"] = [
            comparison(.0501)]
        text = "".join(self.page(results)[1].text)
        self.assertNotIn("beyond chance", text)
        self.assertIn("corrected p 0.050: no difference shown", text)

    def test_figures_have_their_numbers(self):
        out, _ = self.page(full())
        names = {p.stem for p in (out / "figures").glob("*.svg")}
        self.assertEqual(names, {p.stem for p in
                                 (out / "figures").glob("*.csv")})
        with open(out / "figures/e-1-mae-over-lambda-valence.csv") as f:
            rows = list(csv.reader(f))
        self.assertEqual(rows[0], ["series", "lambda", "MAE", "low", "high"])
        self.assertEqual(rows[2][:3], ["vat", "1.5", "0.55"])
        self.assertEqual(rows[-1], ["the paper", "1.5", "0.734", "", ""])
        with open(out / "figures/e-1-grid-valence.csv") as f:
            self.assertEqual(len(list(csv.reader(f))), 7)

    def test_synthetic_is_said_everywhere(self):
        results = full()
        out, page = self.page(results)
        captions = re.findall(r"<caption><span>(.*?)<", (out / "report.html")
                              .read_text())
        self.assertTrue(captions)
        for caption in captions:
            self.assertTrue(caption.startswith("SYNTHETIC"), caption)
        for svg in (out / "figures").glob("*.svg"):
            self.assertIn("SYNTHETIC", svg.read_text())
        self.assertIn("no human being spoke", "".join(page.text))
        results["corpora"].append(copy.deepcopy(results["corpora"][0]))
        results["corpora"][1]["synthetic"] = False
        text = "".join(self.page(results)[1].text)
        self.assertIn("some of the speech is of machines", text)
        self.assertNotIn("no human being spoke", text)
        results["corpora"][0]["synthetic"] = False
        results["protocol"]["synthetic"] = False
        self.assertNotIn("SYNTHETIC", "".join(self.page(results)[1].text))

    def test_a_title_that_says_synthetic_says_it_once(self):
        results = full()
        results["protocol"]["title"] = "SYNTHETIC: voices"
        out, _ = self.page(results)
        self.assertIn("<title>SYNTHETIC: voices</title>",
                      (out / "report.html").read_text())
        self.assertTrue((out / "report.md").read_text()
                        .startswith("# SYNTHETIC: voices\n"))

    def test_long_titles_are_cut_between_characters(self):
        for pad in range(3):
            results = full()
            results["experiments"][0]["title"] = "x" * pad + "感情" * 100
            results["protocol"]["synthetic"] = False
            results["corpora"][0]["synthetic"] = False
            out, _ = self.page(results)
            for svg in (out / "figures").glob("*.svg"):
                xml.etree.ElementTree.parse(svg)

    def test_drawings_stay_within_their_frame(self):
        results = full()
        for t in results["experiments"][0]["targets"]:
            for c in t["contenders"]:
                c["estimate"] = [-9.5, 0, 3, 4, 5.5, 88]
        out, _ = self.page(results)
        for svg in (out / "figures").glob("*estimates*.svg"):
            marks = re.findall(r'<path class="s\d" d="M(\S+) ([\d.-]+?)m',
                               svg.read_text())
            self.assertGreater(len(marks), 11)
            for x, y in marks:
                self.assertTrue(70 <= float(x) <= 620, (svg, x))
                self.assertTrue(44 <= float(y) <= 400, (svg, y))

    def test_labels_of_bars_do_not_overlap(self):
        results = full()
        speakers = [{"speaker": f"{s:04d}-speaker", "n": 2, "mae": .5,
                     "ccc": None} for s in range(90)]
        for t in results["experiments"][0]["targets"]:
            for c in t["contenders"]:
                c["speakers"] = speakers
        out, _ = self.page(results)
        text = (out / "figures/e-1-error-by-speaker-valence.svg").read_text()
        at = [float(x) for x in re.findall(
            r'x="([\d.]+)" y="349.0">\d{4}-speaker', text)]
        self.assertGreater(len(at), 3)
        for a, b in zip(at, at[1:]):
            self.assertGreater(b - a, 12 * 7)

    def test_unknown_numbers_are_dashes(self):
        results = full()
        e = results["experiments"][0]
        counts = ("n_train_rows", "n_test_rows", "n_speakers", "n_folds")
        e.update(dict.fromkeys(counts))
        results["corpora"][0].update(n_rows=None, n_speakers=None)
        vat = e["targets"][0]["contenders"][2]
        vat["metrics"]["mae"].update(low=None, high=None)
        vat["metrics"]["ccc"].update(mean=None)
        vat["speakers"][0].update(n=None, mae=None)
        e["targets"][0]["comparisons"][0].update(n_speakers=None, low=None)
        _, page = self.page(results)
        self.assertNotRegex("".join(page.text), r"\bnan\b|\binf\b")
        methods = next(t for t in page.tables if t[0][0] == "method")
        vat = next(row for row in methods if row[0].startswith("vat"))
        self.assertEqual(vat[1], "0.300 (no interval) ± 0.012")
        self.assertEqual(vat[3], "-")

    def test_the_worst_speaker_is_one_with_a_number(self):
        results = full()
        for t in results["experiments"][0]["targets"]:
            for c in t["contenders"]:
                c["speakers"][0]["mae"] = None
                c["speakers"][1].update(speaker="worst", mae=3.5)
        self.assertIn("none is worst: MAE 3.500 over 2 rows",
                      "".join(self.page(results)[1].text))

    def test_unlabelled_speech_is_told(self):
        results = full()
        self.assertNotIn("without their ratings",
                         "".join(self.page(results)[1].text))
        results["experiments"][0]["n_unlabelled_rows"] = 123
        self.assertIn("123 rows without their ratings",
                      "".join(self.page(results)[1].text))

    def test_same_results_same_bytes(self):
        first, _ = self.write(full())
        second, _ = self.write(full())
        names = sorted(p.relative_to(first) for p in first.rglob("*.*"))
        self.assertGreater(len(names), 10)
        for name in names:
            self.assertEqual((first / name).read_bytes(),
                             (second / name).read_bytes(), name)

    def test_little_is_enough(self):
        results = full()
        e = results["experiments"][0]
        e.update(paper=None, sweeps=[], grids=[], history=[], notes=[],
                 only=None, is_leaky=False)
        for t in e["targets"]:
            t.update(ceiling=None, comparisons=[], robustness=[])
            for c in t["contenders"]:
                c["estimate"] = [None] * 6
                c["metrics"] = {m: dict.fromkeys(
                    ("mean", "low", "high", "spread")) for m in METRICS}
        self.assertEqual(self.page(results)[1].problems, [])
        results["experiments"] = []
        self.assertEqual(self.page(results)[1].problems, [])

    def test_what_is_missing_is_named(self):
        cases = [
            (("format",), "format"),
            (("protocol", "title"), "protocol.title is missing"),
            (("experiments", 0, "routing", "gate", "bins", 2, "share"),
             "experiments[0].routing.gate.bins[2].share is missing"),
            (("experiments", 0, "targets", 1, "name"),
             "experiments[0].targets[1].name is missing; must be a text"),
            (("experiments", 0, "targets", 0, "contenders", 2, "metrics",
              "ccc"), "experiments[0].targets[0].contenders[2].metrics.ccc"),
            (("seeds",), "seeds is missing; must be an array of numbers")]
        for path, message in cases:
            results = copy.deepcopy(full())
            at = results
            for key in path[:-1]:
                at = at[key]
            del at[path[-1]]
            out, told = self.write(results, code=1)
            self.assertIn(message, told)
            self.assertFalse((out / "report.html").exists())

    def test_another_type_is_refused(self):
        for value in (None, 3, "x", [1], {}):
            results = full()
            results["experiments"][0]["is_leaky"] = value
            _, told = self.write(results, code=1)
            self.assertIn("is_leaky is something else; must be true or false",
                          told)


unittest.main(argv=sys.argv[:1], verbosity=1)
