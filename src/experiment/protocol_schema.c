/*
 * protocol_schema.c: every key of a protocol: type, range, default, meaning.
 */
#include "experiment/schema.h"

#include <math.h>

#define NAME_OF(id, name) name,
static const char *const FORMS[] = {KJ_FORM_LIST(NAME_OF) NULL};
static const char *const SETS[] = {"is09", "is09-clean", NULL};
static const char *const ACTIVATIONS[] = {KJ_ACTIVATION_LIST(NAME_OF) NULL};
static const char *const METHOD_LOSSES[] = {"fit", "mse", "ccc", "nll", NULL};
static const char *const LOSSES[] = {"mse", "ccc", "nll", NULL};
static const char *const PRECISIONS[] = {KJ_PRECISION_LIST(NAME_OF) NULL};
static const char *const NORMALISATIONS[] = {"train", "corpus", "speaker",
                                             NULL};
static const char *const METHOD_NORMALISATIONS[] = {"fit", "train", "corpus",
                                                    "speaker", NULL};
static const char *const METHOD_JOINT[] = {"fit", "false", "true", NULL};
static const char *const INITIALISATIONS[] = {"uniform", "he", NULL};
static const char *const SCHEDULES[] = {KJ_SCHEDULE_LIST(NAME_OF) NULL};
static const char *const DIRECTIONS[] = {KJ_DIRECTION_LIST(NAME_OF) NULL};
static const char *const METHODS[] = {KJ_METHOD_LIST(NAME_OF) NULL};
static const char *const SMOOTHINGS[] = {KJ_SMOOTHING_LIST(NAME_OF) NULL};
static const char *const OVER[] = {"lambda", "epsilon", NULL};
static const char *const BY[] = {"mae", "ccc", NULL};
static const char *const ANSWERS[] = {"0", "1", NULL};

enum {
  MOST_ITEMS = 1000 /* folds, seeds */
};

#define AT(struct_name, field) offsetof(kj_protocol_##struct_name, field)
#define FIELDS(array) array, sizeof array / sizeof array[0]

/* key, type, offset, low, high, choices, inner, required, default, help */
static const kj__field CORPUS[] = {
    {"name", KJ__FIELD_NAME, AT(corpus, name), 0, 0, NULL, NULL, false,
     "its key", "of the corpus, as `train` and `test` have it"},
    {"labels", KJ__FIELD_TEXT, AT(corpus, labels), 0, 0, NULL, NULL, false,
     "--corpus NAME=LABELS.csv",
     "its table, relative to the protocol's folder"},
    {"features", KJ__FIELD_TEXT, AT(corpus, features), 0, 0, NULL, NULL, false,
     "the sound files", "its table of features, likewise"},
    {"columns", KJ__FIELD_PAIRS, AT(corpus, columns), 0, 0, NULL, NULL, false,
     "as the target", "target: column, where the table calls it otherwise"},
    {"scale", KJ__FIELD_NUMBERS, AT(corpus, scale), -1e6, 1e6, NULL, NULL,
     false, "[1, 5]", "lowest and highest rating; they are mapped to 1..5"},
    {"synthetic", KJ__FIELD_FLAG, AT(corpus, is_synthetic), 0, 0, NULL, NULL,
     false, "false", "true: no human being spoke; the report says so"},
};

static const kj__field FEATURES[] = {
    {"set", KJ__FIELD_CHOICE, AT(features, set), 0, 0, SETS, NULL, false,
     "is09 of sound; of a table its own",
     "of all corpora; a table of another set is refused"},
};
static const kj__schema FEATURES_SCHEMA = {
    .name = "features", FIELDS(FEATURES), .size = sizeof(kj_protocol_features)};

static const kj__field FIT[] = {
    {"hidden", KJ__FIELD_WIDTHS, AT(fit, hidden), 1, KJ_MAX_WIDTH, NULL, NULL,
     false, "[1200, 600]", "widths of the hidden layers"},
    {"output", KJ__FIELD_CHOICE, AT(fit, output), 0, 0, ACTIVATIONS, NULL,
     false, "relu", "what follows the output node"},
    {"epochs", KJ__FIELD_COUNT, AT(fit, epochs), 1, KJ_MAX_EPOCHS, NULL, NULL,
     false, "30", "passes over the rows"},
    {"batch", KJ__FIELD_COUNT, AT(fit, batch), 1, KJ_MAX_BATCH, NULL, NULL,
     false, "32", "rows a step"},
    {"learning-rate", KJ__FIELD_NUMBER, AT(fit, learning_rate), 1e-12, 10, NULL,
     NULL, false, "0.001", "of Adam"},
    {"weight-decay", KJ__FIELD_NUMBER, AT(fit, weight_decay), 0, 100, NULL,
     NULL, false, "0", "decoupled from the gradient"},
    {"dropout", KJ__FIELD_NUMBER, AT(fit, dropout), 0, KJ_MOST_DROPOUT, NULL,
     NULL, false, "0",
     "share of the hidden units left out of each row, anew "
     "in each step"},
    {"loss", KJ__FIELD_CHOICE, AT(fit, loss), 0, 0, LOSSES, NULL, false, "mse",
     "squared error, 1 - CCC of the batch, or the negative log-likelihood of a "
     "normal distribution whose deviation is predicted too, by a linear "
     "output"},
    {"precision", KJ__FIELD_CHOICE, AT(fit, precision), 0, 0, PRECISIONS, NULL,
     false, "fp32", "of the matrix products"},
    {"normalise", KJ__FIELD_CHOICE, AT(fit, normalise), 0, 0, NORMALISATIONS,
     NULL, false, "train",
     "features by the training rows, by each corpus, or by each speaker"},
    {"initialisation", KJ__FIELD_CHOICE, AT(fit, initialisation), 0, 0,
     INITIALISATIONS, NULL, false, "uniform", "of the weights"},
    {"schedule", KJ__FIELD_CHOICE, AT(fit, schedule), 0, 0, SCHEDULES, NULL,
     false, "constant", "of the learning rate"},
    {"joint", KJ__FIELD_FLAG, AT(fit, joint), 0, 0, NULL, NULL, false, "false",
     "one network for all targets, instead of one a target"},
};
static const kj__schema FIT_SCHEMA = {
    .name = "fit", FIELDS(FIT), .size = sizeof(kj_protocol_fit)};

static const kj__field SMOOTHING[] = {
    {"lambda", KJ__FIELD_NUMBER, AT(smoothing, lambda), 0, 1e6, NULL, NULL,
     false, "1.5", "weight of the second term"},
    {"epsilon", KJ__FIELD_NUMBER, AT(smoothing, epsilon), 0, 1e6, NULL, NULL,
     false, "1.5", "length of the perturbation of a standardised row"},
    {"sigma", KJ__FIELD_NUMBERS, AT(smoothing, sigma), 1e-6, 1e6, NULL, NULL,
     false, "1", "of the output's normal distribution; one, or one a target"},
    {"direction", KJ__FIELD_CHOICE, AT(smoothing, direction), 0, 0, DIRECTIONS,
     NULL, false, "exact", "of VAT"},
    {"power-iterations", KJ__FIELD_COUNT, AT(smoothing, power_iterations), 1,
     KJ_MAX_POWER_ITERATIONS, NULL, NULL, false, "1", "of direction power"},
    {"xi", KJ__FIELD_NUMBER, AT(smoothing, xi), 1e-12, 1, NULL, NULL, false,
     "0.001", "step of direction power, relative to the row's length"},
};
static const kj__schema SMOOTHING_SCHEMA = {.name = "smoothing",
                                            FIELDS(SMOOTHING),
                                            .size =
                                                sizeof(kj_protocol_smoothing)};

static const kj__field METHOD[] = {
    {"name", KJ__FIELD_NAME, AT(method, name), 0, 0, NULL, NULL, true, "",
     "of the row in the tables"},
    {"method", KJ__FIELD_CHOICE, AT(method, method), 0, 0, METHODS, NULL, false,
     "network", "what is fitted"},
    {"smoothing", KJ__FIELD_CHOICE, AT(method, smoothing), 0, 0, SMOOTHINGS,
     NULL, false, "none", "what smooths the network"},
    {"lambda", KJ__FIELD_NUMBER, AT(method, lambda), 0, 1e6, NULL, NULL, false,
     "smoothing.lambda", "of this method"},
    {"epsilon", KJ__FIELD_NUMBER, AT(method, epsilon), 0, 1e6, NULL, NULL,
     false, "smoothing.epsilon", "of this method"},
    {"adapt", KJ__FIELD_FLAG, AT(method, adapts), 0, 0, NULL, NULL, false,
     "true", "whether it takes the unlabelled rows of `adapt`"},
    {"loss", KJ__FIELD_CHOICE, AT(method, loss), 0, 0, METHOD_LOSSES, NULL,
     false, "fit", "of this method"},
    {"dropout", KJ__FIELD_NUMBER, AT(method, dropout), 0, KJ_MOST_DROPOUT, NULL,
     NULL, false, "fit.dropout", "of this method"},
    {"normalise", KJ__FIELD_CHOICE, AT(method, normalise), 0, 0,
     METHOD_NORMALISATIONS, NULL, false, "fit", "of this method"},
    {"joint", KJ__FIELD_CHOICE, AT(method, joint), 0, 0, METHOD_JOINT, NULL,
     false, "fit", "of this method: true, or false"},
    {"ramp", KJ__FIELD_COUNT, AT(method, ramp), 0, KJ_MAX_EPOCHS, NULL, NULL,
     false, "0", "epochs in which lambda rises from 0"},
    {"relative", KJ__FIELD_FLAG, AT(method, relative), 0, 0, NULL, NULL, false,
     "false", "second term in units of how far the outputs are apart"},
    {"calibrate", KJ__FIELD_FLAG, AT(method, calibrate), 0, 0, NULL, NULL,
     false, "false",
     "slope and offset, on a fifth of the training speakers, held out"},
};

static const kj__field FILTER[] = {
    {"spontaneous", KJ__FIELD_CHOICE, AT(filter, spontaneous), 0, 0, ANSWERS,
     NULL, false, "both", "1 spontaneous speech, 0 acted or read speech"},
    {"language", KJ__FIELD_TEXTS, AT(filter, language), 0, 0, NULL, NULL, false,
     "all", "ISO 639-1"},
    {"gender", KJ__FIELD_TEXTS, AT(filter, gender), 0, 0, NULL, NULL, false,
     "all", "f, m"},
    {"emotion", KJ__FIELD_TEXTS, AT(filter, emotion), 0, 0, NULL, NULL, false,
     "all", "the corpus's own words"},
    {"speaker", KJ__FIELD_TEXTS, AT(filter, speaker), 0, 0, NULL, NULL, false,
     "all", "CORPUS:SPEAKER"},
    {"session", KJ__FIELD_TEXTS, AT(filter, session), 0, 0, NULL, NULL, false,
     "all", "CORPUS:SESSION"},
};
static const kj_protocol_filter FILTER_DEFAULTS = {.spontaneous = -1};
static const kj__schema FILTER_SCHEMA = {.name = "filter",
                                         FIELDS(FILTER),
                                         .size = sizeof(kj_protocol_filter),
                                         .defaults = &FILTER_DEFAULTS};

static const kj__field ADAPT[] = {
    {"corpus", KJ__FIELD_NAME, AT(adapt, corpus), 0, 0, NULL, NULL, true, "",
     "whose rows enter the second term without their ratings"},
    {"fraction", KJ__FIELD_NUMBER, AT(adapt, fraction), 1e-6, 1 - 1e-6, NULL,
     NULL, false, "0.5", "of its rows, in whole speakers, never tested"},
};
static const kj_protocol_adapt ADAPT_DEFAULTS = {.fraction = 0.5};

static const kj__field SWEEP[] = {
    {"over", KJ__FIELD_CHOICE, AT(sweep, over), 0, 0, OVER, NULL, true, "",
     "what varies"},
    {"values", KJ__FIELD_NUMBERS, AT(sweep, values), 0, 1e6, NULL, NULL, true,
     "", "that it takes"},
    {"lambda", KJ__FIELD_NUMBER, AT(sweep, lambda), 0, 1e6, NULL, NULL, false,
     "smoothing.lambda", "fixed, where epsilon varies"},
    {"epsilon", KJ__FIELD_NUMBER, AT(sweep, epsilon), 0, 1e6, NULL, NULL, false,
     "smoothing.epsilon", "fixed, where lambda varies"},
    {"method", KJ__FIELD_NAME, AT(sweep, method), 0, 0, NULL, NULL, false,
     "vat", "the name of a method"},
    {"paper", KJ__FIELD_FREE, AT(sweep, paper), 0, 0, NULL, NULL, false,
     "nothing", "a paper's points, such as [{lambda: 1.5, mae: 0.734}]"},
};
static const kj_protocol_sweep SWEEP_DEFAULTS = {
    .lambda = (double)NAN, .epsilon = (double)NAN, .method = "vat"};

static const kj__field GRID[] = {
    {"lambda", KJ__FIELD_NUMBERS, AT(grid, lambda), 0, 1e6, NULL, NULL, true,
     "", "the rows of the map"},
    {"epsilon", KJ__FIELD_NUMBERS, AT(grid, epsilon), 0, 1e6, NULL, NULL, true,
     "", "its columns"},
    {"method", KJ__FIELD_NAME, AT(grid, method), 0, 0, NULL, NULL, false, "vat",
     "the name of a method"},
};
static const kj_protocol_grid GRID_DEFAULTS = {.method = "vat"};

static const kj__field CHOOSE[] = {
    {"lambda", KJ__FIELD_NUMBERS, AT(choose, lambda), 0, 1e6, NULL, NULL, false,
     "the method's", "to choose from"},
    {"epsilon", KJ__FIELD_NUMBERS, AT(choose, epsilon), 0, 1e6, NULL, NULL,
     false, "the method's", "to choose from"},
    {"folds", KJ__FIELD_COUNT, AT(choose, folds), 2, MOST_ITEMS, NULL, NULL,
     false, "3", "inner folds of whole training speakers"},
    {"by", KJ__FIELD_CHOICE, AT(choose, by), 0, 0, BY, NULL, false, "mae",
     "the mean over targets of this metric decides"},
};
static const kj_protocol_choose CHOOSE_DEFAULTS = {.folds = 3};

static const kj__field GATE[] = {
    {"hidden", KJ__FIELD_WIDTHS, AT(gate, hidden), 1, KJ_MAX_WIDTH, NULL, NULL,
     false, "[1200, 600, 300]", "widths of its hidden layers"},
    {"epochs", KJ__FIELD_COUNT, AT(gate, epochs), 1, KJ_MAX_EPOCHS, NULL, NULL,
     false, "fit.epochs", "passes over the rows"},
    {"smoothing", KJ__FIELD_CHOICE, AT(gate, smoothing), 0, 0, SMOOTHINGS, NULL,
     false, "none", "what smooths it"},
    {"lambda", KJ__FIELD_NUMBER, AT(gate, lambda), 0, 1e6, NULL, NULL, false,
     "smoothing.lambda", "of its smoothing"},
    {"epsilon", KJ__FIELD_NUMBER, AT(gate, epsilon), 0, 1e6, NULL, NULL, false,
     "smoothing.epsilon", "of its smoothing"},
    {"train", KJ__FIELD_TEXTS, AT(gate, train), 0, 0, NULL, NULL, false,
     "those of the experiment",
     "corpora that it is trained on, without the speakers that are tested"},
};
static const kj__schema GATE_SCHEMA = {
    .name = "gate", FIELDS(GATE), .size = sizeof(kj_protocol_gate)};

static const kj__field ROUTING[] = {
    {"methods", KJ__FIELD_TEXTS, AT(routing, methods), 0, 0, NULL, NULL, false,
     "all", "names of methods; each gets experts"},
    {"routes", KJ__FIELD_TEXTS, AT(routing, routes), 0, 0, NULL, NULL, false,
     "all of them",
     "plain, hard, soft, oracle, features; plain is always there"},
    {"gate", KJ__FIELD_MAP, AT(routing, gate), 0, 0, NULL, &GATE_SCHEMA, false,
     "all below", "what tells spontaneous from other speech"},
    {"folds", KJ__FIELD_COUNT, AT(routing, folds), 2, MOST_ITEMS, NULL, NULL,
     false, "3",
     "inner folds of whole training speakers, for the probabilities that "
     "route features trains on"},
    {"paper", KJ__FIELD_FREE, AT(routing, paper), 0, 0, NULL, NULL, false,
     "nothing",
     "a paper's MAE with VAT: {spontaneous, scripted or a route: {TARGET: "
     "value}}"},
};
static const kj_protocol_routing ROUTING_DEFAULTS = {
    .gate = {.lambda = (double)NAN, .epsilon = (double)NAN}, .folds = 3};

static const kj__field INTERVALS[] = {
    {"folds", KJ__FIELD_TEXT, AT(intervals, folds), 0, 0, NULL, NULL, false,
     "speaker:5",
     "of the training rows: speaker, session, corpus, K, speaker:K, session:K "
     "or corpus:K; their residuals make the intervals"},
    {"level", KJ__FIELD_NUMBER, AT(intervals, level), KJ_INTERVAL_LEAST,
     KJ_INTERVAL_MOST, NULL, NULL, false, "0.9",
     "share of ratings that are to lie inside"},
    {"methods", KJ__FIELD_TEXTS, AT(intervals, methods), 0, 0, NULL, NULL,
     false, "all", "names of methods"},
};
static const kj_protocol_intervals INTERVALS_DEFAULTS = {.folds = "speaker:5",
                                                         .level = 0.9};

enum { MOST_RATINGS = 4 }; /* between 1 and 5 */
static const kj__field MARK[] = {
    {"conditions", KJ__FIELD_TEXTS, AT(mark, conditions), 0, 0, NULL, NULL,
     false, "all", "as kanjo audit prints them, such as telephone"},
    {"targets", KJ__FIELD_TEXTS, AT(mark, targets), 0, 0, NULL, NULL, false,
     "all", "of the protocol"},
    {"moved", KJ__FIELD_NUMBER, AT(mark, marks.moved), 0, MOST_RATINGS, NULL,
     NULL, false, "as it was", "most that estimates move, on the mean"},
    {"mae", KJ__FIELD_NUMBER, AT(mark, marks.mae), 0, MOST_RATINGS, NULL, NULL,
     false, "as it was", "most that the MAE rises"},
    {"ccc", KJ__FIELD_NUMBER, AT(mark, marks.ccc), 0, 2, NULL, NULL, false,
     "as it was", "most that the CCC falls"},
};
static const kj_protocol_mark MARK_DEFAULTS = {
    .marks = {(double)NAN, (double)NAN, (double)NAN}};
static const kj__schema MARK_SCHEMA = {.name = "marks",
                                       FIELDS(MARK),
                                       .size = sizeof(kj_protocol_mark),
                                       .defaults = &MARK_DEFAULTS,
                                       .line_offset = AT(mark, line)};

static const kj__field AUDIT[] = {
    {"moved", KJ__FIELD_NUMBER, AT(audit, all.moved), 0, MOST_RATINGS, NULL,
     NULL, false, "not asked",
     "most that estimates move under any condition, on the mean"},
    {"mae", KJ__FIELD_NUMBER, AT(audit, all.mae), 0, MOST_RATINGS, NULL, NULL,
     false, "not asked", "most that the MAE of a target rises"},
    {"ccc", KJ__FIELD_NUMBER, AT(audit, all.ccc), 0, 2, NULL, NULL, false,
     "not asked", "most that its CCC falls"},
    {"genders", KJ__FIELD_FLAG, AT(audit, genders), 0, 0, NULL, NULL, false,
     "false", "asked of each gender too, not only of all rows"},
    {"marks", KJ__FIELD_LIST, AT(audit, marks), 0, 0, NULL, &MARK_SCHEMA, false,
     "none", "of some conditions; a later one overrules those before it"},
};
static const kj_protocol_audit AUDIT_DEFAULTS = {
    .all = {(double)NAN, (double)NAN, (double)NAN}};
static const kj__schema AUDIT_SCHEMA = {.name = "audit",
                                        FIELDS(AUDIT),
                                        .size = sizeof(kj_protocol_audit),
                                        .defaults = &AUDIT_DEFAULTS,
                                        .line_offset = AT(audit, line)};

static const kj__field PAPER[] = {
    {"table", KJ__FIELD_TEXT, AT(paper, table), 0, 0, NULL, NULL, false, "",
     "where the paper has it"},
    {"values", KJ__FIELD_FREE, AT(paper, values), 0, 0, NULL, NULL, false,
     "nothing", "METHOD: {TARGET: {METRIC: value}}"},
};
static const kj_protocol_paper PAPER_DEFAULTS = {.table = ""};

#define SCHEMA(upper, lower, text, defaults_of, named)                         \
  static const kj__schema upper##_SCHEMA = {.name = text,                      \
                                            FIELDS(upper),                     \
                                            .size =                            \
                                                sizeof(kj_protocol_##lower),   \
                                            .defaults = defaults_of,           \
                                            .line_offset = AT(lower, line),    \
                                            .is_named = named}

static const kj_protocol_corpus CORPUS_DEFAULTS = {.labels = "",
                                                   .features = ""};
static const kj_protocol_method METHOD_DEFAULTS = {.method = KJ_METHOD_NETWORK,
                                                   .smoothing = -1,
                                                   .lambda = (double)NAN,
                                                   .epsilon = (double)NAN,
                                                   .dropout = (double)NAN,
                                                   .adapts = true};
SCHEMA(CORPUS, corpus, "corpora", &CORPUS_DEFAULTS, false);
SCHEMA(METHOD, method, "methods", &METHOD_DEFAULTS, true);
SCHEMA(ADAPT, adapt, "adapt", &ADAPT_DEFAULTS, false);
SCHEMA(SWEEP, sweep, "sweeps", &SWEEP_DEFAULTS, false);
SCHEMA(GRID, grid, "grid", &GRID_DEFAULTS, false);
SCHEMA(CHOOSE, choose, "choose", &CHOOSE_DEFAULTS, false);
SCHEMA(ROUTING, routing, "routing", &ROUTING_DEFAULTS, false);
SCHEMA(INTERVALS, intervals, "intervals", &INTERVALS_DEFAULTS, false);
static const kj__schema PAPER_SCHEMA = {.name = "paper",
                                        FIELDS(PAPER),
                                        .size = sizeof(kj_protocol_paper),
                                        .defaults = &PAPER_DEFAULTS};

static const kj__field EXPERIMENT[] = {
    {"id", KJ__FIELD_NAME, AT(experiment, id), 0, 0, NULL, NULL, true, "",
     "its name; unique"},
    {"title", KJ__FIELD_TEXT, AT(experiment, title), 0, 0, NULL, NULL, false,
     "the id", "in words"},
    {"train", KJ__FIELD_TEXTS, AT(experiment, train), 0, 0, NULL, NULL, true,
     "", "corpora to train on"},
    {"test", KJ__FIELD_TEXTS, AT(experiment, test), 0, 0, NULL, NULL, false,
     "within `train`, by `split`", "corpora to test on"},
    {"split", KJ__FIELD_TEXT, AT(experiment, split), 0, 0, NULL, NULL, false,
     "none",
     "speaker, session, corpus (one fold each), K, speaker:K, session:K, "
     "corpus:K, random:K (K folds), holdout-speaker:F, holdout-session:F, "
     "holdout-random:F (a part F, as in 0.2 or 1/7, drawn anew for each seed)"},
    {"only", KJ__FIELD_POINTER, AT(experiment, only), 0, 0, NULL,
     &FILTER_SCHEMA, false, "all", "rows used at all"},
    {"train-only", KJ__FIELD_POINTER, AT(experiment, train_only), 0, 0, NULL,
     &FILTER_SCHEMA, false, "all", "rows trained on"},
    {"test-only", KJ__FIELD_POINTER, AT(experiment, test_only), 0, 0, NULL,
     &FILTER_SCHEMA, false, "all", "rows tested on"},
    {"adapt", KJ__FIELD_POINTER, AT(experiment, adapt), 0, 0, NULL,
     &ADAPT_SCHEMA, false, "none", "unlabelled rows for the second term"},
    {"sweeps", KJ__FIELD_LIST, AT(experiment, sweeps), 0, 0, NULL,
     &SWEEP_SCHEMA, false, "none", "figures over lambda or epsilon"},
    {"grid", KJ__FIELD_POINTER, AT(experiment, grid), 0, 0, NULL, &GRID_SCHEMA,
     false, "none", "a map over both"},
    {"choose", KJ__FIELD_POINTER, AT(experiment, choose), 0, 0, NULL,
     &CHOOSE_SCHEMA, false, "none",
     "lambda and epsilon of every smoothed method, chosen on inner folds of "
     "the training speakers"},
    {"routing", KJ__FIELD_POINTER, AT(experiment, routing), 0, 0, NULL,
     &ROUTING_SCHEMA, false, "none",
     "a gate and two experts for each method, beside the plain one"},
    {"intervals", KJ__FIELD_POINTER, AT(experiment, intervals), 0, 0, NULL,
     &INTERVALS_SCHEMA, false, "none",
     "intervals around estimates, and how often they hold the ratings"},
    {"paper", KJ__FIELD_POINTER, AT(experiment, paper), 0, 0, NULL,
     &PAPER_SCHEMA, false, "nothing", "a paper's figures, to stand beside"},
    {"notes", KJ__FIELD_TEXTS, AT(experiment, notes), 0, 0, NULL, NULL, false,
     "none", "sentences for the report"},
};
static const kj_protocol_experiment EXPERIMENT_DEFAULTS = {.title = "",
                                                           .split = ""};
SCHEMA(EXPERIMENT, experiment, "experiments", &EXPERIMENT_DEFAULTS, false);

#define TOP(field) offsetof(kj_protocol, field)
static const kj__field PROTOCOL[] = {
    {"kanjo", KJ__FIELD_COUNT, TOP(version), 1, KJ_PROTOCOL_VERSION, NULL, NULL,
     true, "", "version of these keys: 1"},
    {"name", KJ__FIELD_NAME, TOP(name), 0, 0, NULL, NULL, true, "",
     "of the protocol"},
    {"title", KJ__FIELD_TEXT, TOP(title), 0, 0, NULL, NULL, false, "the name",
     "in words"},
    {"form", KJ__FIELD_CHOICE, TOP(form), 0, 0, FORMS, NULL, false, "sound",
     "sound refuses a speaker on both sides; paper flags it"},
    {"corpora", KJ__FIELD_NAMED, TOP(corpora), 0, 0, NULL, &CORPUS_SCHEMA, true,
     "", "what is read"},
    {"targets", KJ__FIELD_TEXTS, TOP(targets), 0, 0, NULL, NULL, false,
     "none: gates alone", "valence, activation, dominance, or other columns"},
    {"seeds", KJ__FIELD_COUNT, TOP(seeds), 1, MOST_ITEMS, NULL, NULL, false,
     "10", "how often all is repeated: seed, seed + 1, ..."},
    {"seed", KJ__FIELD_COUNT, TOP(seed), 0, 1e9, NULL, NULL, false, "1",
     "the first"},
    {"features", KJ__FIELD_MAP, TOP(features), 0, 0, NULL, &FEATURES_SCHEMA,
     false, "all below", "what is measured of the sound"},
    {"fit", KJ__FIELD_MAP, TOP(fit), 0, 0, NULL, &FIT_SCHEMA, false,
     "all below", "every network"},
    {"smoothing", KJ__FIELD_MAP, TOP(smoothing), 0, 0, NULL, &SMOOTHING_SCHEMA,
     false, "all below", "where a method does not say otherwise"},
    {"methods", KJ__FIELD_LIST, TOP(methods), 0, 0, NULL, &METHOD_SCHEMA, false,
     "[constant, ridge, none, noise, at, vat]",
     "the contenders: these names, or maps"},
    {"audit", KJ__FIELD_POINTER, TOP(audit), 0, 0, NULL, &AUDIT_SCHEMA, false,
     "nothing is asked", "pass marks of kanjo audit --protocol"},
    {"our-choices", KJ__FIELD_TEXTS, TOP(our_choices), 0, 0, NULL, NULL, false,
     "none", "what a paper leaves unstated, for the report"},
    {"experiments", KJ__FIELD_LIST, TOP(experiments), 0, 0, NULL,
     &EXPERIMENT_SCHEMA, true, "", "what is run"},
};
const kj__schema KJ__PROTOCOL_SCHEMA = {
    .name = "protocol", FIELDS(PROTOCOL), .size = sizeof(kj_protocol)};
