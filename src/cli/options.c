/*
 * options.c: the table of options.
 */
#include "cli/options.h"
#include "cli/presets.h"
#include "cli/writer.h"

#include "kanjo/network.h"
#include "kanjo/protocol.h"
#include "kanjo/search.h"
#include "kanjo/smoothing.h"
#include "kanjo/synthesis.h"
#include "kanjo/training.h"

#define NAME_OF(id, name) name,

static const char *const LEVELS[] = {"functionals", "lld", NULL};
static const char *const RATES[] = {"16000", "native", NULL};
const char *const CLI_FORMATS[] = {CLI_FORMAT_LIST(NAME_OF) NULL};
static const char *const TABLES[] = {"table", "csv", "jsonl", NULL};
static const char *const FORMS[] = {KJ_FORM_LIST(NAME_OF) NULL};
static const char *const RUN_FORMATS[] = {"csv", "jsonl", NULL};
static const char *const PROGRESS[] = {"auto", "always", "never", NULL};
static const char *const SMOOTHINGS[] = {KJ_SMOOTHING_LIST(NAME_OF) "all",
                                         NULL};
static const char *const DIRECTIONS[] = {KJ_DIRECTION_LIST(NAME_OF) NULL};
const char *const CLI_LOSSES[] = {"mse", "ccc", "nll", NULL};
static const char *const SCHEDULES[] = {KJ_SCHEDULE_LIST(NAME_OF) NULL};
static const char *const METHODS[] = {"network", "ridge", "constant", NULL};
static const char *const NORMALISATIONS[] = {"train", "corpus", "speaker",
                                             NULL};
static const char *const INITIALISATIONS[] = {"uniform", "he", NULL};
static const char *const WEIGHTS[] = {KJ_WEIGHTS_LIST(NAME_OF) NULL};
static const char *const PRECISIONS[] = {KJ_PRECISION_LIST(NAME_OF) NULL};
static const char *const KINDS[] = {"estimator", "gate", "routed", NULL};
static const char *const ROUTES[] = {KJ_ROUTE_LIST(NAME_OF) NULL};
static const char *const GATE_SMOOTHINGS[] = {KJ_SMOOTHING_LIST(NAME_OF) NULL};
static const char *const STRATEGIES[] = {KJ_SEARCH_STRATEGY_LIST(NAME_OF) NULL};
#define ALGORITHM_NAME(id, name, of_nlopt) name,
static const char *const ALGORITHMS[] = {
    KJ_SEARCH_ALGORITHM_LIST(ALGORITHM_NAME) NULL};
static const char *const OBJECTIVES[] = {KJ_SEARCH_OBJECTIVE_LIST(NAME_OF)
                                             NULL};
#define PRESET_NAME(name, options) name,
static const char *const PRESETS[] = {CLI_PRESET_LIST(PRESET_NAME) NULL};
static const char *const SWITCH[] = {"on", "off", NULL};
static const char *const ACTIVATIONS[] = {KJ_ACTIVATION_LIST(NAME_OF) NULL};

enum {
  SOUND = CLI_EXTRACT | CLI_TRAIN | CLI_CROSS_VALIDATE,
  FIT = CLI_TRAIN | CLI_CROSS_VALIDATE,
  LABELLED = FIT | CLI_EVALUATE | CLI_CONVERT,
  SURVEY = CLI_CORPUS_CHECK | CLI_CORPUS_STATS,
  CORPUS = CLI_CORPUS_LIST | CLI_CORPUS_IMPORT | SURVEY | CLI_CORPUS_EXPORT |
           CLI_CORPUS_SYNTH,
  RUNS = CLI_RUNS_LIST | CLI_RUNS_SHOW,
  ANY = CLI_EXTRACT | LABELLED | CLI_ESTIMATE | CLI_INSPECT | CLI_EXPERIMENT |
        RUNS | CLI_EXPLAIN | CLI_AUDIT | CLI_SEARCH,
  PROTOCOL = CLI_EXPERIMENT | CLI_SEARCH
};

static const char *const CORPUS_FORMATS[] = {"audformat", NULL};
static const char *const OUT_OF_RANGE[] = {"clamp", "drop", NULL};

#define FIELD(name) offsetof(cli_settings, name)

/* name, letter, verbs, type, field, argument, help, low, high, choices */
const cli_option CLI_OPTIONS[] = {
    /* sound and features */
    {"set", 0, SOUND | CLI_SEARCH, CLI_TEXT, FIELD(set), "NAME",
     "feature set: is09 (default), or is09-clean, the same columns without "
     "traps",
     0, 0, NULL},
    {"level", 0, CLI_EXTRACT, CLI_CHOICE, FIELD(level), "LEVEL",
     "functionals (one row a recording, the default) or lld (one row a frame)",
     0, 0, LEVELS},
    {"rate", 0, SOUND, CLI_CHOICE, FIELD(rate), "RATE",
     "resample to 16000 Hz (default), or leave the native rate", 0, 0, RATES},
    {"channel", 0, SOUND, CLI_TEXT, FIELD(channel), "C",
     "mix (default), left, right, or a channel's number from 1", 0, 0, NULL},
    {"raw", 0, CLI_EXTRACT, CLI_TEXT, FIELD(raw), "ENC:RATE[:CH]",
     "INPUT has no header: s16, s24, s32, f32, f64 (with be: big-endian), s8, "
     "u8, mulaw or alaw, its rate, its channels (1), as s16:16000",
     0, 0, NULL},
    {"list", 0, CLI_EXTRACT | CLI_ESTIMATE, CLI_TEXT, FIELD(list), "FILE|-",
     "read more INPUT names from FILE, one a line", 0, 0, NULL},

    /* labels */
    {"features", 0, LABELLED, CLI_TEXT, FIELD(features), "F.csv",
     "take features from this table, joined on utterance or file, instead of "
     "from the sound files that LABELS.csv names",
     0, 0, NULL},
    {"target", 0, LABELLED | SURVEY | CLI_AUDIT | CLI_SEARCH, CLI_WORDS,
     FIELD(target), "NAME[=COLUMN]",
     "estimate NAME (valence, activation, dominance, ...) as rated in COLUMN; "
     "may be given several times",
     0, 0, NULL},
    {"scale", 0, LABELLED | SURVEY | CLI_AUDIT | CLI_SEARCH, CLI_TEXT,
     FIELD(scale), "LO:HI",
     "scale of the ratings (default 1:5); they are mapped to 1..5", 0, 0, NULL},

    /* what is fitted */
    {"method", 0, CLI_TRAIN, CLI_CHOICE, FIELD(method), "METHOD",
     "network (default), or a baseline: ridge, constant", 0, 0, METHODS},
    {"preset", 0, FIT, CLI_CHOICE, FIELD(preset), "NAME",
     "options that go together; others on the command line come before them. "
     "paper: the network and VAT of Kuwahara et al. 2020",
     0, 0, PRESETS},
    {"joint", 0, FIT, CLI_FLAG, FIELD(joint), NULL,
     "one network with an output for each target, instead of one network a "
     "target",
     0, 0, NULL},
    {"hidden", 0, CLI_SEARCH, CLI_TEXT, FIELD(hidden), "W,W,...",
     "widths of the hidden layers, where LABELS.csv is searched on (default "
     "1200,600)",
     0, 0, NULL},
    {"hidden", 0, FIT, CLI_TEXT, FIELD(hidden), "W,W,...",
     "widths of the hidden layers (default 1200,600), or none", 0, 0, NULL},
    {"output-activation", 0, FIT, CLI_CHOICE, FIELD(output_activation), "A",
     "relu (default, as in the paper) or linear", 0, 0, ACTIVATIONS},
    {"initialisation", 0, FIT, CLI_CHOICE, FIELD(initialisation), "I",
     "uniform +-1/sqrt(fan_in) (default), or he with output weights 0", 0, 0,
     INITIALISATIONS},
    {"normalise", 0, FIT, CLI_CHOICE, FIELD(normalise), "N",
     "standardise features by the training rows (train, default), by each "
     "corpus, or by each speaker",
     0, 0, NORMALISATIONS},

    /* smoothing */
    {"smoothing", 0, FIT, CLI_CHOICE, FIELD(smoothing), "KIND",
     "none (default of train), noise, at, vat; cross-validate: also all "
     "(its default)",
     0, 0, SMOOTHINGS},
    {"lambda", 0, FIT, CLI_NUMBER, FIELD(lambda), "L",
     "weight of the second term (default 1.5)", 0, 1e6, NULL},
    {"epsilon", 0, FIT, CLI_NUMBER, FIELD(epsilon), "E",
     "length of the perturbation of a standardised row (default 1.5)", 0, 1e6,
     NULL},
    {"sigma", 0, FIT, CLI_TEXT, FIELD(sigma), "S[,S...]",
     "standard deviation of the output's normal distribution, one for all "
     "targets or one a target (default 1)",
     0, 0, NULL},
    {"direction", 0, FIT, CLI_CHOICE, FIELD(direction), "D",
     "of VAT: exact (default, closed form) or power (Miyato's iteration)", 0, 0,
     DIRECTIONS},
    {"power-iterations", 0, FIT, CLI_COUNT, FIELD(power_iterations), "N",
     "iterations of --direction power (default 1)", 1, 10000, NULL},
    {"xi", 0, FIT, CLI_NUMBER, FIELD(xi), "X",
     "step of --direction power, relative to the row's length (default 1e-3)",
     1e-12, 1, NULL},
    {"unlabelled", 0, FIT, CLI_TEXT, FIELD(unlabelled), "F.csv",
     "feature table of rows without ratings: they enter the second term only",
     0, 0, NULL},

    /* training */
    {"loss", 0, CLI_SEARCH, CLI_CHOICE, FIELD(loss), "LOSS",
     "where LABELS.csv is searched on: mse (default), ccc, or nll, whose "
     "second "
     "term compares predicted deviations too",
     0, 0, CLI_LOSSES},
    {"loss", 0, FIT, CLI_CHOICE, FIELD(loss), "LOSS",
     "mse (default), ccc (1 - CCC of the batch) or nll (a standard deviation "
     "is "
     "predicted beside each value; the output is linear then)",
     0, 0, CLI_LOSSES},
    {"epochs", 0, FIT, CLI_COUNT, FIELD(epochs), "N",
     "passes over the rows (default 30)", 1, KJ_MAX_EPOCHS, NULL},
    {"batch", 0, FIT, CLI_COUNT, FIELD(batch), "N", "rows a step (default 32)",
     1, KJ_MAX_BATCH, NULL},
    {"learning-rate", 0, FIT, CLI_NUMBER, FIELD(learning_rate), "R",
     "of Adam (default 1e-3)", 1e-12, 10, NULL},
    {"precision", 0, FIT, CLI_CHOICE, FIELD(precision), "P",
     "of the matrix products: fp32 (default), or bf16 with sums and parameters "
     "in fp32",
     0, 0, PRECISIONS},
    {"threads", 0, CLI_TRAIN, CLI_COUNT, FIELD(threads), "N",
     "that take each step together (default: one a processor, at most 8); the "
     "model does not depend on it",
     1, 256, NULL},
    {"schedule", 0, FIT, CLI_CHOICE, FIELD(schedule), "S",
     "of the learning rate: constant (default), cosine", 0, 0, SCHEDULES},
    {"weight-decay", 0, FIT, CLI_NUMBER, FIELD(weight_decay), "W",
     "decoupled from the gradient (default 0)", 0, 100, NULL},
    {"dropout", 0, FIT, CLI_NUMBER, FIELD(dropout), "P",
     "leave out this share of the hidden units, drawn anew for each row and "
     "step; the same for x and x + r (default 0)",
     0, KJ_MOST_DROPOUT, NULL},
    {"validation", 0, FIT, CLI_TEXT, FIELD(validation), "KIND:F",
     "hold out the fraction F of the speakers, sessions or rows "
     "(speaker:F, session:F, random:F) for --patience and --calibrate",
     0, 0, NULL},
    {"patience", 0, FIT, CLI_COUNT, FIELD(patience), "N",
     "stop after N epochs without a better held-out MAE (CCC with --loss "
     "ccc), and keep the best; needs --validation",
     1, KJ_MAX_EPOCHS, NULL},
    {"calibrate", 0, FIT, CLI_FLAG, FIELD(calibrate), NULL,
     "fit a slope and an offset on the held-out rows (--validation "
     "speaker:0.2 where none is given)",
     0, 0, NULL},
    {"ramp", 0, FIT, CLI_COUNT, FIELD(ramp), "N",
     "let lambda rise from 0 over the first N epochs", 1, KJ_MAX_EPOCHS, NULL},
    {"relative", 0, FIT, CLI_FLAG, FIELD(relative), NULL,
     "measure the second term in units of how far the outputs of a batch are "
     "apart, so that shrinking them gains nothing",
     0, 0, NULL},
    {"kind", 0, CLI_TRAIN, CLI_CHOICE, FIELD(kind), "KIND",
     "estimator (the default), gate (tells spontaneous from scripted speech, "
     "by "
     "the column `spontaneous`), or routed (a gate, an expert for each kind "
     "and an estimator of all speech in one model)",
     0, 0, KINDS},
    {"route", 0, CLI_TRAIN | CLI_ESTIMATE | CLI_EVALUATE | CLI_EXPLAIN,
     CLI_CHOICE, FIELD(route), "ROUTE",
     "whose values a routed model gives: hard (the likelier kind's expert, the "
     "default), soft (both, by the gate's probability), plain (no expert), "
     "features (an estimator that reads the probability; train makes it where "
     "it is named) or oracle (evaluate only: the true kind's)",
     0, 0, ROUTES},
    {"gate-hidden", 0, CLI_TRAIN, CLI_TEXT, FIELD(gate_hidden), "W,W,...",
     "widths of the gate's hidden layers (default 1200,600,300), or none", 0, 0,
     NULL},
    {"gate-smoothing", 0, CLI_TRAIN, CLI_CHOICE, FIELD(gate_smoothing), "KIND",
     "what smooths the gate of a routed model (default none)", 0, 0,
     GATE_SMOOTHINGS},
    {"gate-epochs", 0, CLI_TRAIN, CLI_COUNT, FIELD(gate_epochs), "N",
     "passes over the rows for the gate of a routed model (default as "
     "--epochs)",
     1, KJ_MAX_EPOCHS, NULL},
    {"gate-folds", 0, CLI_TRAIN, CLI_TEXT, FIELD(gate_folds), "FOLDS",
     "folds of speakers for what the gate says of voices that it has not "
     "heard: "
     "--route features learns from that (default speaker:5)",
     0, 0, NULL},
    {"members", 0, CLI_TRAIN, CLI_COUNT, FIELD(members), "N",
     "train N networks of each, with seeds of their own, into one model, whose "
     "values are their mean",
     1, KJ_MAX_MEMBERS, NULL},
    {"intervals", 0, CLI_TRAIN, CLI_TEXT, FIELD(intervals), "FOLDS",
     "also fit without each of K folds of speakers (speaker: each speaker) and "
     "keep how far such estimates lie from the ratings, for intervals",
     0, 0, NULL},
    {"novelty", 0, CLI_TRAIN, CLI_TEXT, FIELD(novelty), "FOLDS",
     "also keep what the features are like, and how far from it those of "
     "held-out speakers lie: estimate then tells what is unlike all that",
     0, 0, NULL},
    {"false-alarms", 0, CLI_TRAIN, CLI_NUMBER, FIELD(false_alarms), "R",
     "share of known voices that --novelty finds new (default 0.05)", 0.01, 0.5,
     NULL},
    {"seed", 0, FIT | CLI_EVALUATE | CLI_CORPUS_SYNTH | CLI_AUDIT, CLI_COUNT,
     FIELD(seed), "N", "of every random number (default 1)", 0,
     9007199254740992.0, NULL},
    {"seed", 0, CLI_SEARCH, CLI_COUNT, FIELD(seed), "N",
     "of draws and, where LABELS.csv is searched on, of folds and networks "
     "(default 1); a protocol has its own for those",
     0, 1e9, NULL},
    {"checkpoint-every", 0, CLI_TRAIN, CLI_TEXT, FIELD(checkpoint_every),
     "N|Ns",
     "write MODEL.checkpoint every N epochs, or after N seconds (default 30s); "
     "an interrupted training saves its last whole epoch in any case",
     0, 0, NULL},
    {"resume", 0, CLI_SEARCH, CLI_FLAG, FIELD(resume), NULL,
     "go on with the search that stopped in DIR", 0, 0, NULL},
    {"resume", 0, CLI_TRAIN, CLI_FLAG, FIELD(resume), NULL,
     "go on where an interrupted training left its checkpoint", 0, 0, NULL},
    {"checkpoint-every", 0, CLI_EXTRACT, CLI_TEXT, FIELD(checkpoint_every),
     "N|Ns",
     "write OUT.journal every N recordings, or after N seconds (default 30s)",
     0, 0, NULL},
    {"resume", 0, CLI_EXTRACT, CLI_FLAG, FIELD(resume), NULL,
     "go on where an interrupted or killed extraction left OUT.journal", 0, 0,
     NULL},
    {"licence", 0, CLI_TRAIN, CLI_TEXT, FIELD(licence), "TEXT",
     "of the model, for its card", 0, 0, NULL},
    {"description", 0, CLI_TRAIN, CLI_TEXT, FIELD(description), "TEXT",
     "a sentence for the model card", 0, 0, NULL},

    /* cross-validate */
    {"folds", 0, CLI_CROSS_VALIDATE, CLI_TEXT, FIELD(folds),
     "speaker|session|K",
     "leave one speaker out (default), one session, or K folds of whole "
     "speakers; random:K divides rows, and puts the same voices on both sides",
     0, 0, NULL},
    {"jobs", 'j', CLI_CROSS_VALIDATE | PROTOCOL, CLI_COUNT, FIELD(jobs), "N",
     "trainings at a time (default: one a processor)", 1, 256, NULL},
    {"seeds", 0, CLI_CROSS_VALIDATE, CLI_COUNT, FIELD(seeds), "N",
     "repeat with the seeds --seed, --seed + 1, ... and give means over them "
     "(default 1)",
     1, 1000, NULL},
    {"predictions", 0, CLI_CROSS_VALIDATE | CLI_EVALUATE, CLI_TEXT,
     FIELD(predictions), "P.csv", "write every row's rating and estimates", 0,
     0, NULL},
    {"replicates", 0, CLI_CROSS_VALIDATE | CLI_EVALUATE, CLI_COUNT,
     FIELD(replicates), "N", "of the bootstrap over speakers (default 2000)",
     100, 100000, NULL},

    /* convert */
    {"weights", 0, CLI_CONVERT, CLI_CHOICE, FIELD(weights), "KIND",
     "fp32, bf16 or int8; needed", 0, 0, WEIGHTS},
    {"calibrate", 0, CLI_CONVERT, CLI_TEXT, FIELD(calibration), "LABELS.csv",
     "rated speech to calibrate and measure on; needed for bf16 and int8", 0, 0,
     NULL},
    {"gate-mae", 0, CLI_CONVERT, CLI_NUMBER, FIELD(gate_mae), "X",
     "most that the MAE of a target may rise (default 0.01)", 0, 4, NULL},
    {"gate-ccc", 0, CLI_CONVERT, CLI_NUMBER, FIELD(gate_ccc), "Y",
     "most that the CCC of a target may fall (default 0.01)", 0, 2, NULL},

    /* corpus */
    {"out-of-range", 0, CLI_CORPUS_IMPORT, CLI_CHOICE, FIELD(out_of_range),
     "WHAT",
     "becomes of an utterance with a rating outside its scale: clamp the "
     "rating (default) or drop the utterance",
     0, 0, OUT_OF_RANGE},
    {"ratings", 0, CLI_CORPUS_IMPORT, CLI_TEXT, FIELD(ratings), "TABLE",
     "ratings that are no part of the corpus, where it takes them", 0, 0, NULL},
    /* corpus synth */
    {"languages", 0, CLI_CORPUS_SYNTH, CLI_TEXT, FIELD(languages), "LL,LL",
     "of en and ja (default both)", 0, 0, NULL},
    {"utterances", 0, CLI_CORPUS_SYNTH, CLI_COUNT, FIELD(utterances), "N",
     "in each language (default 600)", 2, KJ_SYNTHESIS_MAX_UTTERANCES, NULL},
    {"speakers", 0, CLI_CORPUS_SYNTH, CLI_COUNT, FIELD(speakers), "N",
     "in each language (default 10)", 2, KJ_SYNTHESIS_MAX_SPEAKERS, NULL},
    {"spontaneity-shift", 0, CLI_CORPUS_SYNTH, CLI_CHOICE,
     FIELD(spontaneity_shift), "on|off",
     "spontaneous speech shows emotion by another mapping than read speech "
     "(on, default), or by the same",
     0, 0, SWITCH},
    {"jobs", 'j', CLI_EXTRACT | CLI_CORPUS_SYNTH | CLI_AUDIT, CLI_COUNT,
     FIELD(jobs), "N", "recordings at a time (default: one a processor)", 1,
     256, NULL},

    /* experiment */
    {"corpus", 0, PROTOCOL, CLI_WORDS, FIELD(corpus), "NAME=LABELS.csv",
     "the table of a corpus of the protocol; may be given several times", 0, 0,
     NULL},
    {"features", 0, PROTOCOL, CLI_WORDS, FIELD(corpus_features), "NAME=F.csv",
     "features of a corpus, instead of from the sound files that its table "
     "names; may be given several times",
     0, 0, NULL},
    {"iemocap", 0, PROTOCOL, CLI_TEXT, FIELD(iemocap), "LABELS.csv",
     "short for --corpus iemocap=LABELS.csv", 0, 0, NULL},
    {"uudb", 0, PROTOCOL, CLI_TEXT, FIELD(uudb), "LABELS.csv",
     "short for --corpus uudb=LABELS.csv", 0, 0, NULL},
    {"msp-improv", 0, PROTOCOL, CLI_TEXT, FIELD(msp_improv), "LABELS.csv",
     "short for --corpus msp-improv=LABELS.csv", 0, 0, NULL},
    {"emodb", 0, PROTOCOL, CLI_TEXT, FIELD(emodb), "LABELS.csv",
     "short for --corpus emodb=LABELS.csv", 0, 0, NULL},
    {"emotale", 0, PROTOCOL, CLI_TEXT, FIELD(emotale), "LABELS.csv",
     "short for --corpus emotale=LABELS.csv", 0, 0, NULL},
    {"form", 0, PROTOCOL, CLI_CHOICE, FIELD(form), "FORM",
     "of a protocol that is shipped in two: sound (default), or paper", 0, 0,
     FORMS},
    {"seeds", 0, CLI_EXPERIMENT, CLI_COUNT, FIELD(protocol_seeds), "N",
     "as many seeds, whatever the protocol says; for trials", 1, 1000, NULL},
    {"epochs", 0, PROTOCOL, CLI_COUNT, FIELD(protocol_epochs), "N",
     "as many epochs, whatever the protocol says; for trials", 1, KJ_MAX_EPOCHS,
     NULL},
    /* search */
    {"strategy", 0, CLI_SEARCH, CLI_CHOICE, FIELD(strategy), "STRATEGY",
     "paper (default: lambda at the given epsilon, then epsilon), grid, "
     "random, nlopt or halving",
     0, 0, STRATEGIES},
    {"algorithm", 0, CLI_SEARCH, CLI_CHOICE, FIELD(algorithm), "A",
     "of strategy nlopt: bobyqa (default) or sbplx, both local, or direct, "
     "global",
     0, 0, ALGORITHMS},
    {"over", 0, CLI_SEARCH, CLI_WORDS, FIELD(over), "NAME=VALUES",
     "what is searched: lambda, epsilon, learning-rate, epochs, width or "
     "dropout, as in "
     "lambda=0,1,2 or lambda=0.1:10 or lambda=0.1:10:5; may be given several "
     "times (default lambda and epsilon)",
     0, 0, NULL},
    {"smoothing", 0, CLI_SEARCH, CLI_CHOICE, FIELD(search_smoothing), "KIND",
     "of the network: vat (default), at, noise or none", 0, 0, GATE_SMOOTHINGS},
    {"by", 0, CLI_SEARCH, CLI_CHOICE, FIELD(search_by), "METRIC",
     "that decides: mae (default) or ccc", 0, 0, OBJECTIVES},
    {"of", 0, CLI_SEARCH, CLI_TEXT, FIELD(search_target), "TARGET",
     "whose metric decides (default: the mean over all targets)", 0, 0, NULL},
    {"runs", 0, CLI_SEARCH, CLI_COUNT, FIELD(search_runs), "N",
     "try at most N settings (default: all of paper and grid, else 30)", 1,
     KJ_SEARCH_MAX_RUNS, NULL},
    {"minutes", 0, CLI_SEARCH, CLI_NUMBER, FIELD(search_minutes), "M",
     "end after M minutes with what was tried by then", 0.001, 1e5, NULL},
    {"folds", 0, CLI_SEARCH, CLI_COUNT, FIELD(search_folds), "K",
     "inner folds of whole training speakers (default 3)", 2, 1000, NULL},
    {"seeds", 0, CLI_SEARCH, CLI_COUNT, FIELD(seeds), "N",
     "networks a fold and setting, with seeds one after the other (default 1)",
     1, 1000, NULL},
    {"experiment", 0, CLI_SEARCH, CLI_TEXT, FIELD(search_experiment), "ID",
     "of the protocol (default: its first)", 0, 0, NULL},
    {"dry-run", 0, CLI_EXPERIMENT, CLI_FLAG, FIELD(dry_run), NULL,
     "tell the number of cells and the estimated time, and run nothing", 0, 0,
     NULL},
    {"list", 0, CLI_EXPERIMENT, CLI_FLAG, FIELD(list_protocols), NULL,
     "list the protocols that are shipped", 0, 0, NULL},
    {"keys", 0, CLI_EXPERIMENT, CLI_FLAG, FIELD(list_keys), NULL,
     "print the keys that a protocol may have, as a Markdown table", 0, 0,
     NULL},
    {"estimates", 0, CLI_RUNS_EXPORT, CLI_FLAG, FIELD(estimates), NULL,
     "one row for each estimate of each cell, instead of one a cell", 0, 0,
     NULL},

    /* corpus check, stats, export */
    {"split", 0, SURVEY, CLI_TEXT, FIELD(split), "COLUMN",
     "whose values are the parts of a split (default part, where there is "
     "one)",
     0, 0, NULL},
    {"format", 0, CLI_CORPUS_EXPORT, CLI_CHOICE, FIELD(corpus_format), "FORMAT",
     "audformat (default)", 0, 0, CORPUS_FORMATS},
    {"output", 'o', CLI_CORPUS_EXPORT, CLI_TEXT, FIELD(output), "DIR",
     "the folder to write into; needed", 0, 0, NULL},

    /* estimate, evaluate */
    {"model", 'm', CLI_ESTIMATE, CLI_WORDS, FIELD(model), "MODEL",
     "model file (default: the one that is installed)", 0, 0, NULL},
    {"model", 'm', CLI_EVALUATE, CLI_WORDS, FIELD(model), "MODEL",
     "model file; given twice, the two are compared", 0, 0, NULL},
    {"level", 0, CLI_ESTIMATE | CLI_EVALUATE, CLI_NUMBER, FIELD(interval_level),
     "L", "share of ratings that intervals are made to hold (default 0.9)",
     KJ_INTERVAL_LEAST, KJ_INTERVAL_MOST, NULL},
    {"segment", 0, CLI_EXTRACT, CLI_FLAG, FIELD(segment), NULL,
     "a row for each stretch of speech, as energy and pitch tell them", 0, 0,
     NULL},
    {"window", 0, CLI_EXTRACT, CLI_NUMBER, FIELD(window), "S",
     "a row for each window of S seconds instead of one a recording", 0.1, 3600,
     NULL},
    {"hop", 0, CLI_EXTRACT, CLI_NUMBER, FIELD(hop), "S",
     "seconds from one window to the next (default: --window)", 0.01, 3600,
     NULL},
    {"window", 0, CLI_ESTIMATE, CLI_NUMBER, FIELD(window), "S",
     "estimate windows of S seconds instead of whole recordings", 0.1, 3600,
     NULL},
    {"hop", 0, CLI_ESTIMATE, CLI_NUMBER, FIELD(hop), "S",
     "seconds from one window to the next (default: --window)", 0.01, 3600,
     NULL},

    /* output */
    {"format", 0, CLI_EXTRACT, CLI_CHOICE, FIELD(format), "FORMAT",
     "csv (default), arff, npy, npz, jsonl, htk, or as openSMILE writes them "
     "smile-csv, smile-arff",
     0, 0, CLI_FORMATS},
    {"format", 0, CLI_ESTIMATE, CLI_CHOICE, FIELD(table_format), "FORMAT",
     "table (default), csv or jsonl", 0, 0, TABLES},
    {"format", 0, CLI_RUNS_EXPORT, CLI_CHOICE, FIELD(runs_format), "FORMAT",
     "csv (default) or jsonl", 0, 0, RUN_FORMATS},
    {"output", 'o', PROTOCOL, CLI_TEXT, FIELD(output), "DIR",
     "the folder of the runs and their results; needed", 0, 0, NULL},
    {"output", 'o', CLI_EXTRACT | CLI_ESTIMATE | CLI_RUNS_EXPORT, CLI_TEXT,
     FIELD(output), "FILE", "where to write (default -, standard output)", 0, 0,
     NULL},
    {"output", 'o', CLI_TRAIN | CLI_CONVERT, CLI_TEXT, FIELD(output), "MODEL",
     "the model file to write; needed", 0, 0, NULL},
    {"output", 'o', CLI_CORPUS_IMPORT, CLI_TEXT, FIELD(output), "LABELS.csv",
     "the table to write, or - for standard output; needed", 0, 0, NULL},
    {"output", 'o', CLI_CORPUS_SYNTH, CLI_TEXT, FIELD(output), "DIR",
     "the folder to write, new or empty; needed", 0, 0, NULL},
    {"pass", 0, CLI_AUDIT, CLI_TEXT, FIELD(pass), "mae=X,ccc=X,moved=X",
     "exit with 1 if under any condition the MAE of a target rises, its CCC "
     "falls or its estimates move by more than this against the clean sound",
     0, 0, NULL},
    {"protocol", 0, CLI_AUDIT, CLI_TEXT, FIELD(marks), "PROTOCOL",
     "likewise with the marks of a protocol's key audit, by condition and "
     "target",
     0, 0, NULL},
    {"svg", 0, CLI_EXPLAIN, CLI_TEXT, FIELD(svg), "OUT.svg",
     "draw the groups' attributions, of several recordings their means and "
     "mean sizes, with OUT.csv beside it",
     0, 0, NULL},
    {"json", 0, ANY | CORPUS, CLI_FLAG, FIELD(json), NULL,
     "results as JSON (JSON Lines where there are many rows)", 0, 0, NULL},
    {"progress", 0, ANY | CLI_CORPUS_SYNTH, CLI_CHOICE, FIELD(progress), "WHEN",
     "on standard error: auto (default, only on a terminal), always, never", 0,
     0, PROGRESS},
};

const size_t CLI_N_OPTIONS = sizeof CLI_OPTIONS / sizeof CLI_OPTIONS[0];
