/*
 * test_protocol.c: a protocol is read as it is written; every key wrong once
 * is told with its line, its value and what was allowed.
 */
#include "experiment/protocol_check.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static kj_status parse(const char *text, kj_protocol **out, kj_error *err)
{
  *out = NULL;
  return kj_protocol_parse("folder/p.yaml", text, strlen(text), out, err);
}

#define HEAD                                                                   \
  "kanjo: 1\n"                                                                 \
  "name: p\n"                                                                  \
  "corpora: {a: {labels: l.csv, features: f.csv}, b: {scale: [0, 100]}}\n"     \
  "targets: [valence, activation]\n"
#define TAIL                                                                   \
  "experiments:\n"                                                             \
  "  - id: one\n"                                                              \
  "    train: [a]\n"                                                           \
  "    test: [b]\n"
#define WITH(lines) HEAD lines TAIL
#define IN_EXPERIMENT(line) HEAD TAIL "    " line "\n"

static void what_is_said_is_read(void **state)
{
  (void)state;
  kj_protocol *p;
  kj_error err;
  const kj_status status = parse(
      WITH("title: A title\n"
           "form: paper\n"
           "seeds: 3\nseed: 7\n"
           "fit: {hidden: [8, 4], output: linear, epochs: 5, batch: 16, "
           "learning-rate: 0.01, loss: ccc, precision: bf16, normalise: "
           "speaker, joint: true, initialisation: he, schedule: cosine, "
           "weight-decay: 0.1}\n"
           "smoothing: {lambda: 0.5, epsilon: 2, sigma: [1, 2], direction: "
           "power}\n"
           "methods: [none, vat, {name: weak, smoothing: vat, lambda: 0.1, "
           "adapt: false}]\n"
           "our-choices: [\"one\", \"two\"]\n") "    only: {spontaneous: 1, "
                                                "language: [en, ja]}\n"
                                                "    adapt: {corpus: b, "
                                                "fraction: 0.25}\n"
                                                "    sweeps: [{over: epsilon, "
                                                "values: [0, 1], lambda: 3, "
                                                "method: "
                                                "weak, paper: [{epsilon: 1, "
                                                "mae: 0.7}]}]\n"
                                                "    grid: {lambda: 1, "
                                                "epsilon: [1, 2]}\n"
                                                "    choose: {lambda: [1, 2], "
                                                "folds: 4, by: ccc}\n"
                                                "    paper: {table: T, values: "
                                                "{vat: {valence: {mae: "
                                                "0.5}}}}\n",
      &p, &err);
  if (status != KJ_OK)
    fail_msg("%s", err.message);
  assert_string_equal(p->title, "A title");
  assert_int_equal(p->form, KJ_FORM_PAPER);
  assert_true(p->seeds == 3 && p->seed == 7);
  assert_int_equal(p->fit.hidden.n, 2);
  assert_true(p->fit.joint);
  assert_int_equal(p->fit.loss, 1);
  assert_int_equal(p->methods.n, 3);
  assert_true(isnan(p->methods.item[1].lambda));
  assert_true(p->methods.item[2].lambda == 0.1);
  assert_false(p->methods.item[2].adapts);
  assert_true(p->methods.item[1].adapts);
  assert_string_equal(p->corpora.item[0].labels, "folder/l.csv");
  assert_string_equal(p->corpora.item[1].labels, "");
  const kj_protocol_experiment *e = &p->experiments.item[0];
  assert_int_equal(e->only->spontaneous, 1);
  assert_string_equal(e->only->language.item[1], "ja");
  assert_true(e->adapt->fraction == 0.25);
  assert_int_equal(e->sweeps.item[0].over, 1);
  assert_int_equal(e->grid->lambda.n, 1);
  assert_int_equal(e->choose->folds, 4);
  assert_true(json_number_value(json_object_get(
                  json_array_get(e->sweeps.item[0].paper, 0), "mae")) == 0.7);
  kj_protocol_destroy(p);
}

/* What a method says of its own network comes before what `fit` says. */
static void a_method_comes_before_the_fit(void **state)
{
  (void)state;
  kj_protocol *p;
  kj_error err = {0};
  if (parse(WITH("fit: {dropout: 0.25, normalise: speaker, joint: true}\n"
                 "methods: [vat, {name: x, smoothing: vat, dropout: 0, "
                 "normalise: train, joint: false}, {name: y, smoothing: none, "
                 "dropout: 0.5, normalise: corpus, joint: true}]\n"),
            &p, &err) != KJ_OK)
    fail_msg("%s", err.message);
  static const struct {
    double dropout;
    kj_normalisation normalisation;
    bool joint;
  } want[] = {{0.25, KJ_NORMALISE_SPEAKER, true},
              {0.0, KJ_NORMALISE_TRAIN, false},
              {0.5, KJ_NORMALISE_CORPUS, true}};
  for (size_t m = 0; m < 3; m++) {
    const kj_fit_options o = kj__protocol_fit(p, &p->methods.item[m]);
    assert_true(o.dropout == want[m].dropout);
    assert_int_equal(o.normalisation, want[m].normalisation);
    assert_int_equal(o.joint, want[m].joint);
  }
  kj_protocol_destroy(p);
}

static void silence_means_the_defaults(void **state)
{
  (void)state;
  kj_protocol *p;
  kj_error err;
  if (parse(WITH(""), &p, &err) != KJ_OK)
    fail_msg("%s", err.message);
  assert_string_equal(p->title, "p");
  assert_int_equal(p->form, KJ_FORM_SOUND);
  assert_int_equal(p->features.set, -1);
  assert_int_equal(p->seeds, 10);
  assert_int_equal(p->fit.hidden.item[0], 1200);
  assert_int_equal(p->fit.epochs, 30);
  assert_true(p->smoothing.lambda == 1.5 && p->smoothing.epsilon == 1.5);
  assert_int_equal(p->methods.n, 6);
  assert_string_equal(p->methods.item[5].name, "vat");
  assert_int_equal(p->methods.item[5].smoothing, KJ_SMOOTHING_VAT);
  assert_int_equal(p->methods.item[1].method, KJ_METHOD_RIDGE);
  assert_string_equal(p->experiments.item[0].title, "one");
  kj_protocol_destroy(p);
}

/* Those that there are, by their place in the list. */
static void every_feature_set_may_be_named(void **state)
{
  (void)state;
  for (size_t i = 0; i < kj_feature_set_count(); i++) {
    char text[1000];
    kj_protocol *p;
    kj_error err;
    snprintf(text, sizeof text, WITH("features: {set: %s}\n"),
             kj_feature_set_get(i)->name);
    if (parse(text, &p, &err) != KJ_OK)
      fail_msg("%s", err.message);
    assert_int_equal(p->features.set, i);
    kj_protocol_destroy(p);
  }
}

typedef struct wrong {
  const char *text;
  const char *parts[3]; /* of the message */
} wrong;

static const wrong WRONG[] = {
    {"", {"nothing in it"}},
    {"- 1\n", {"p.yaml:1:", "must be a map"}},
    {"a: [1\n", {"p.yaml:"}},
    {"a: &x 1\n", {"p.yaml:1: anchors"}},
    {"a: *x\n", {"p.yaml:1: aliases"}},
    {"a: !!str 1\n", {"p.yaml:1: anchors and tags"}},
    {"kanjo: 1\nkanjo: 1\n", {"p.yaml:2: key 'kanjo' is there twice"}},
    {"{[1]: 1}\n", {"p.yaml:1: a key must be a word"}},
    {"a: 1\n---\nb: 1\n", {"p.yaml:2: a second document"}},
    {"kanjo: 1\n", {"p.yaml:1: protocol: name is missing"}},
    {"kanjo: 2\n", {"p.yaml:1:", "kanjo is '2'", "1..1"}},
    {WITH("titel: x\n"), {"p.yaml:5:", "'titel'", "nearest: title"}},
    {WITH("form: loud\n"), {"p.yaml:5:", "form is 'loud'", "sound, paper"}},
    {WITH("seeds: 0\n"), {"p.yaml:5:", "seeds is '0'", "1..1000"}},
    {WITH("seeds: 1.5\n"), {"seeds is '1.5'", "whole number"}},
    {WITH("seed: -1\n"), {"seed is '-1'"}},
    {WITH("title: [a]\n"), {"title is a list", "a text"}},
    {WITH("features: {set: is13}\n"),
     {"p.yaml:5:", "features: set is 'is13'", "is09, is09-clean"}},
    {WITH("fit: 1\n"), {"p.yaml:5: fit must be a map"}},
    {WITH("fit: {epoch: 1}\n"), {"fit: unknown key 'epoch'", "epochs"}},
    {WITH("fit: {hidden: [0]}\n"), {"fit: hidden is '0'", "1..65536"}},
    {WITH("fit: {hidden: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, "
          "1]}\n"),
     {"18 hidden layers"}},
    {WITH("fit: {output: tanh}\n"), {"output is 'tanh'", "linear, relu"}},
    {WITH("fit: {epochs: x}\n"), {"epochs is 'x'", "1..100000"}},
    {WITH("fit: {batch: 0}\n"), {"batch is '0'"}},
    {WITH("fit: {learning-rate: 11}\n"), {"learning-rate is '11'"}},
    {WITH("fit: {weight-decay: -1}\n"), {"weight-decay is '-1'"}},
    {WITH("fit: {dropout: 1}\n"), {"dropout is '1'", "0..0.99"}},
    {WITH("methods: [{name: x, smoothing: vat, normalise: all}]\n"),
     {"normalise is 'all'", "fit, train, corpus, speaker"}},
    {WITH("methods: [{name: x, smoothing: vat, joint: 1}]\n"),
     {"joint is '1'", "fit, false, true"}},
    {WITH("fit: {loss: bce}\n"), {"loss is 'bce'", "mse, ccc, nll"}},
    {WITH("fit: {precision: fp8}\n"), {"precision is 'fp8'"}},
    {WITH("fit: {normalise: all}\n"), {"normalise is 'all'"}},
    {WITH("fit: {initialisation: zero}\n"), {"initialisation is 'zero'"}},
    {WITH("fit: {schedule: step}\n"), {"schedule is 'step'"}},
    {WITH("fit: {joint: yes}\n"), {"joint is 'yes'", "true or false"}},
    {WITH("smoothing: {lambda: -1}\n"), {"lambda is '-1'"}},
    {WITH("smoothing: {epsilon: nan}\n"), {"epsilon is 'nan'"}},
    {WITH("smoothing: {sigma: [1, 1, 1]}\n"), {"sigma has 3 numbers"}},
    {WITH("smoothing: {sigma: 0}\n"), {"sigma is '0'"}},
    {WITH("smoothing: {direction: up}\n"), {"direction is 'up'"}},
    {WITH("smoothing: {power-iterations: 0}\n"), {"power-iterations is '0'"}},
    {WITH("smoothing: {xi: 2}\n"), {"xi is '2'"}},
    {WITH("methods: vat\n"), {"methods is 'vat'", "a list"}},
    {WITH("methods: []\n"), {"methods is a list"}},
    {WITH("methods: [vta]\n"), {"p.yaml:5:", "'vta' is none of"}},
    {WITH("methods: [VAT]\n"), {"name is 'VAT'", "a-z"}},
    {WITH("methods: [vat, vat]\n"), {"'vat' is there twice"}},
    {WITH("methods: [{name: x, smoothing: all}]\n"), {"smoothing is 'all'"}},
    {WITH("methods: [{name: x, method: tree}]\n"), {"method is 'tree'"}},
    {WITH("methods: [{smoothing: vat}]\n"), {"methods: name is missing"}},
    {WITH("methods: [{name: vat, lambda: x}]\n"), {"lambda is 'x'"}},
    {WITH("methods: [{name: vat, epsilon: x}]\n"), {"epsilon is 'x'"}},
    {WITH("methods: [{name: vat, adapt: 1}]\n"), {"adapt is '1'"}},
    {WITH("our-choices: {a: b}\n"), {"our-choices is a map"}},
    {"kanjo: 1\nname: p\ncorpora: [a]\n",
     {"corpora is a list", "map of names"}},
    {"kanjo: 1\nname: p\ncorpora: {A: {}}\n", {"name is 'A'"}},
    {"kanjo: 1\nname: p\ncorpora: {a: {label: x}}\n",
     {"unknown key 'label'", "labels"}},
    {"kanjo: 1\nname: p\ncorpora: {a: {columns: [x]}}\n",
     {"columns is a list"}},
    {"kanjo: 1\nname: p\ncorpora: {a: {scale: [5, 1]}}\ntargets: v\n" TAIL,
     {"scale of 'a' must be [lowest, highest]"}},
    {"kanjo: 1\nname: p\ncorpora: {a: {synthetic: 2}}\n", {"synthetic is '2'"}},
    {"kanjo: 1\nname: p\ncorpora: {a: {}}\ntargets: []\n"
     "experiments: [{id: x, train: a, split: 2}]\n",
     {"experiment 'x' has no routing", "no targets"}},
    {HEAD "experiments: [{train: a}]\n", {"p.yaml:5:", "id is missing"}},
    {HEAD "experiments: [{id: x}]\n", {"train is missing"}},
    {HEAD "experiments: [{id: x, train: [], split: 2}]\n",
     {"train is a list", "not empty"}},
    {HEAD "experiments: [{id: x, train: c, test: a}]\n",
     {"p.yaml:5: corpus 'c'", "nearest: a, b"}},
    {HEAD "experiments: [{id: x, train: a, test: c}]\n", {"corpus 'c'"}},
    {HEAD "experiments: [{id: x, train: a}]\n", {"neither test nor split"}},
    {HEAD "experiments: [{id: x, train: a, test: b, split: 2}]\n",
     {"both test and split"}},
    {HEAD "experiments: [{id: x, train: a, split: 1}]\n", {"split is '1'"}},
    {HEAD "experiments: [{id: x, train: a, split: random}]\n",
     {"split is 'random'"}},
    {HEAD "experiments: [{id: x, train: a, split: 'holdout-random:7/1'}]\n",
     {"split is 'holdout-random:7/1'", "holdout-KIND:F"}},
    {HEAD "experiments: [{id: x, train: a, test: b}, {id: x, train: a, test: "
          "b}]\n",
     {"id 'x' is there twice"}},
    {IN_EXPERIMENT("title: {}"), {"title is a map"}},
    {IN_EXPERIMENT("only: {spontaneous: 2}"), {"spontaneous is '2'", "0, 1"}},
    {IN_EXPERIMENT("train-only: {spoken: 1}"),
     {"filter: unknown key 'spoken'"}},
    {IN_EXPERIMENT("test-only: {language: {}}"), {"language is a map"}},
    {IN_EXPERIMENT("adapt: {corpus: c}"), {"p.yaml:9: corpus 'c'"}},
    {IN_EXPERIMENT("adapt: {corpus: a, fraction: 1}"), {"fraction is '1'"}},
    {IN_EXPERIMENT("sweeps: [{over: x, values: 1}]"), {"over is 'x'"}},
    {IN_EXPERIMENT("sweeps: [{over: lambda}]"), {"values is missing"}},
    {IN_EXPERIMENT("sweeps: [{over: lambda, values: [x]}]"), {"values is 'x'"}},
    {IN_EXPERIMENT("sweeps: [{over: lambda, values: 1, method: x}]"),
     {"method 'x' is not in this protocol"}},
    {IN_EXPERIMENT("sweeps: [{over: lambda, values: 1, method: none}]"),
     {"method 'none' is not smoothed"}},
    {IN_EXPERIMENT("grid: {lambda: 1}"), {"epsilon is missing"}},
    {IN_EXPERIMENT("grid: {lambda: 1, epsilon: 1, method: ridge}"),
     {"'ridge' is not smoothed"}},
    {IN_EXPERIMENT("choose: {folds: 1}"), {"folds is '1'", "2..1000"}},
    {IN_EXPERIMENT("choose: {by: rmse}"), {"by is 'rmse'", "mae, ccc"}},
    {IN_EXPERIMENT("paper: {tabel: x}"), {"unknown key 'tabel'", "table"}},
    {IN_EXPERIMENT("notes: [[x]]"), {"notes is a list"}},
    {WITH("audit: {}\n"), {"p.yaml:5: audit: asks nothing"}},
    {WITH("audit: {mae: -1}\n"), {"audit: mae is '-1'", "0..4"}},
    {WITH("audit: {ccc: 3}\n"), {"audit: ccc is '3'", "0..2"}},
    {WITH("audit: {rmse: 1}\n"), {"audit: unknown key 'rmse'", "mae"}},
    {WITH("audit: {marks: [{targets: valence}]}\n"),
     {"p.yaml:5: marks: has none of moved, mae, ccc"}},
    {WITH("audit: {marks: [{targets: dominance, mae: 1}]}\n"),
     {"'dominance' is no target"}},
    {WITH("audit: {marks: [{conditions: white 15 dB, mae: 1}]}\n"),
     {"'white 15 dB' is no condition", "white 10 dB"}},
    {WITH("audit: {marks: [{conditions: clean, mae: 1}]}\n"),
     {"'clean' is no condition"}},
};

static void every_wrong_key_is_told(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
    kj_protocol *p;
    kj_error err = {0};
    const kj_status status = parse(WRONG[i].text, &p, &err);
    if (status != KJ_EFORMAT)
      fail_msg("case %zu is accepted (%d, %s):\n%s", i, (int)status,
               err.message, WRONG[i].text);
    for (size_t k = 0; k < 3 && WRONG[i].parts[k]; k++)
      if (!strstr(err.message, WRONG[i].parts[k]))
        fail_msg("case %zu: \"%s\" is not in \"%s\"", i, WRONG[i].parts[k],
                 err.message);
    assert_null(p);
    assert_int_equal(parse(WRONG[i].text, &p, NULL), KJ_EFORMAT);
  }
}

static void deep_nesting_is_refused(void **state)
{
  (void)state;
  char text[200] = "a: ";
  kj_protocol *p;
  kj_error err;
  memset(text + 3, '[', 60);
  assert_int_equal(parse(text, &p, &err), KJ_EFORMAT);
  assert_non_null(strstr(err.message, "nested more than 32 deep"));
}

static char *read_file(const char *path)
{
  char *text = calloc(1, 1 << 20);
  FILE *f = fopen(path, "rb");
  assert_non_null(text);
  assert_non_null(f);
  assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
  fclose(f);
  return text;
}

static void the_page_has_the_table_of_keys(void **state)
{
  (void)state;
  char *keys = NULL;
  char *page = read_file(KJ_TEST_SOURCE_DIR "/docs/experiments.md");
  assert_int_equal(kj_protocol_document(&keys, NULL), KJ_OK);
  if (!strstr(page, keys))
    fail_msg("docs/experiments.md does not hold what kanjo experiment --keys "
             "prints");
  free(keys);
  free(page);
}

static void overrides_are_noted(void **state)
{
  (void)state;
  kj_protocol *p;
  assert_int_equal(parse(WITH(""), &p, NULL), KJ_OK);
  assert_int_equal(kj_protocol_note_override(p, "seeds: 1", NULL), KJ_OK);
  assert_int_equal(kj_protocol_note_override(p, "epochs: 2", NULL), KJ_OK);
  assert_int_equal(p->overrides.n, 2);
  assert_string_equal(p->overrides.item[1], "epochs: 2");
  kj_protocol_destroy(p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_said_is_read),
      cmocka_unit_test(a_method_comes_before_the_fit),
      cmocka_unit_test(silence_means_the_defaults),
      cmocka_unit_test(every_feature_set_may_be_named),
      cmocka_unit_test(every_wrong_key_is_told),
      cmocka_unit_test(deep_nesting_is_refused),
      cmocka_unit_test(the_page_has_the_table_of_keys),
      cmocka_unit_test(overrides_are_noted),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
