/*
 * verbs.c: the table of verbs.
 */
#include "cli/options.h"

#define INPUT_TEXT                                                             \
  "INPUT is a sound file, a folder (searched recursively), a CSV file with a " \
  "`file` column, or - for sound on standard input."
#define LABELS_TEXT                                                            \
  "LABELS.csv names its sound by a `file` column, relative to itself; a "      \
  "feature table given with --features is joined on `utterance`, or on "       \
  "`file`. Ratings are mapped from --scale to 1..5."
#define EXIT_TEXT                                                              \
  "Exit codes: 0 done; 1 some inputs failed, each named with its reason; 2 "   \
  "usage; 3 an input that everything depends on cannot be read; 4 bad model "  \
  "file; 5 interrupted, can be resumed."

const cli_verb CLI_VERBS[] = {
    {"extract", CLI_EXTRACT, "INPUT...", 1, CLI_ANY,
     "Compute the features of recordings",
     "Writes one row a recording with columns file, start, end, status and "
     "384 values, or with --level lld one row a frame. " INPUT_TEXT
     " With -o OUT, a journal is kept beside it: after Ctrl-C, or worse, the "
     "same command with --resume goes on and gives the same bytes."
     "\n\n" EXIT_TEXT,
     cli_extract},
    {"train", CLI_TRAIN, "LABELS.csv", 1, 1, "Train a model on labelled speech",
     LABELS_TEXT " The history of the training goes into the model file. "
                 "While it runs, its state is saved as MODEL.checkpoint, as "
                 "often as --checkpoint-every says; after Ctrl-C, or worse, "
                 "the same command with --resume goes on from there and gives "
                 "the same bits. --intervals takes as many trainings more as "
                 "it names folds; they run after the first one and are not "
                 "part of its checkpoint."
                 "\n\n" EXIT_TEXT,
     cli_train},
    {"cross-validate", CLI_CROSS_VALIDATE, "LABELS.csv", 1, 1,
     "Measure methods on speakers they never heard",
     LABELS_TEXT " Prints MAE, RMSE, CCC, Pearson's r and the ratio of "
                 "standard deviations for the rows constant, ridge, none, "
                 "noise, at and vat, pooled over all held-out rows, each with "
                 "a 95 % interval from a bootstrap over speakers."
                 "\n\n" EXIT_TEXT,
     cli_cross_validate},
    {"estimate", CLI_ESTIMATE, "INPUT...", 1, CLI_ANY,
     "Estimate how recordings sound",
     INPUT_TEXT " Where the model was trained with --intervals, the ends of an "
                "interval stand beside each value; with --novelty, a number "
                "beside the row that is above 1 where the recording is unlike "
                "anything the model was trained on."
                "\n\n" EXIT_TEXT,
     cli_estimate},
    {"evaluate", CLI_EVALUATE, "LABELS.csv", 1, 1,
     "Measure a model on labelled speech, or compare two",
     LABELS_TEXT " Where a model was trained with --intervals, also how many "
                 "ratings they hold: of all rows, of the speaker with the "
                 "least, by gender and by corpus. With two models, also the "
                 "differences, row by row, with "
                 "interval and p of a permutation test over speakers."
                 "\n\n" EXIT_TEXT,
     cli_evaluate},
    {"explain", CLI_EXPLAIN, "MODEL INPUT...", 2, CLI_ANY,
     "Show which features move an estimate",
     "For each target, how far groups of features move the estimate of a "
     "recording up or down from that of the mean of the training rows: "
     "integrated gradients, which add up to the difference; of a gate in log "
     "odds. Of a routed model also who was heard, and the probability of "
     "spontaneous speech. " INPUT_TEXT "\n\n" EXIT_TEXT,
     cli_explain},
    {"audit", CLI_AUDIT, "MODEL... LABELS.csv", 2, CLI_ANY,
     "Measure models on the same speech in noise, rooms and coders",
     "Estimates the recordings of LABELS.csv again with white noise and babble "
     "of its other speakers, at other levels, clipped, through a telephone, "
     "MP3, Opus and other sampling rates, and in rooms. Prints how far the "
     "estimates move on average, MAE and CCC, and their change against the "
     "clean sound, of all rows and by gender. LABELS.csv names its sound by a "
     "`file` column, relative to itself."
     "\n\n" EXIT_TEXT,
     cli_audit},
    {"convert", CLI_CONVERT, "MODEL", 1, 1,
     "Make a model smaller and faster: weights of 16 or 8 bits",
     "Writes MODEL with bf16 or int8 weights to -o, if on the rated speech of "
     "--calibrate no target's MAE rises, and no CCC falls, by more than the "
     "gate allows; else nothing is written and the exit code is 1. int8 is "
     "also calibrated on it. Only fp32 models are converted, and bf16 back to "
     "fp32, which changes no estimate. " LABELS_TEXT "\n\n" EXIT_TEXT,
     cli_convert},
    {"experiment", CLI_EXPERIMENT, "[PROTOCOL]", 0, 1,
     "Run an experiment that a protocol describes",
     "PROTOCOL is a YAML file, or the name of a protocol that is shipped (see "
     "--list). Each trained network goes into DIR/runs.sqlite as soon as it is "
     "done; the same command again goes on from there and gives the same "
     "results. DIR/results.json has all of them."
     "\n\n" EXIT_TEXT,
     cli_experiment},
    {"search", CLI_SEARCH, "LABELS.csv|PROTOCOL", 1, 1,
     "Search lambda, epsilon and other settings of a network",
     "Tries settings on inner folds of whole speakers of the training data: of "
     "LABELS.csv (with --target, and --features F.csv for a table of "
     "features), or of what an experiment of PROTOCOL trains on; what it tests "
     "on is not read. Each network goes into DIR/runs.sqlite as soon as it is "
     "done; after an interruption the same command with --resume goes on from "
     "there and gives the same result. Writes DIR/search.json, "
     "DIR/search.html, and the best setting as DIR/best.yaml, a protocol for "
     "kanjo experiment."
     "\n\n" EXIT_TEXT,
     cli_search},
    {"runs list", CLI_RUNS_LIST, "DIR", 1, 1, "List the cells of an experiment",
     "DIR is the folder of `kanjo experiment -o DIR`: a line for each cell "
     "that "
     "was run there."
     "\n\n" EXIT_TEXT,
     cli_runs_list},
    {"runs show", CLI_RUNS_SHOW, "DIR KEY", 2, 2,
     "Show a cell of an experiment",
     "KEY is the beginning of a cell's key, as `kanjo runs list` prints it."
     "\n\n" EXIT_TEXT,
     cli_runs_show},
    {"runs export", CLI_RUNS_EXPORT, "DIR", 1, 1,
     "Write the cells of an experiment as a table",
     "One row a cell, with its metrics; with --estimates one row for each row "
     "that it estimated."
     "\n\n" EXIT_TEXT,
     cli_runs_export},
    {"inspect", CLI_INSPECT, "MODEL", 1, 1, "Show a model's card",
     "Prints the card as Markdown.\n\n" EXIT_TEXT, cli_inspect},
    {"corpus list", CLI_CORPUS_LIST, "", 0, 0,
     "List the corpora that can be imported",
     "Prints name, languages, rating scale, number of utterances, licence and "
     "where to get it.\n\n" EXIT_TEXT,
     cli_corpus_list},
    {"corpus import", CLI_CORPUS_IMPORT, "NAME DIR", 2, 2,
     "Make the table of labels of a known corpus",
     "NAME is one of 'kanjo corpus list', DIR the corpus as it is distributed. "
     "Writes the standard table, with ratings mapped to 1..5, to -o, and "
     "prints how many utterances there are and what is not as it might be "
     "expected: another number than the whole corpus has, ratings outside "
     "their scale, sound files that are not there.\n\n" EXIT_TEXT,
     cli_corpus_import},
    {"corpus check", CLI_CORPUS_CHECK, "LABELS.csv", 1, 1,
     "Find what is wrong with a table of labels",
     "Decodes every sound file that the table names, and tells each problem "
     "with its line and name, and each kind with why it matters: sound that is "
     "missing or damaged, duplicates, times outside the file or overlapping, "
     "ratings missing, off their scale or all the same, speakers missing or of "
     "two genders, speakers and texts in more than one part of a split. Where "
     "a problem was found, the exit code is 1.\n\n" EXIT_TEXT,
     cli_corpus_check},
    {"corpus stats", CLI_CORPUS_STATS, "LABELS.csv", 1, 1,
     "Count what a table of labels holds",
     "Prints rows, hours, speakers and the like, and for each target mean, "
     "standard deviation, range and a histogram of the ratings on 1..5. Sound "
     "is decoded where start and end do not tell its length.\n\n" EXIT_TEXT,
     cli_corpus_stats},
    {"corpus export", CLI_CORPUS_EXPORT, "LABELS.csv", 1, 1,
     "Write a table of labels in another format",
     "Writes the standard table as a database of audformat into the folder -o: "
     "db.yaml, and db.files.csv or, where rows have start and end, "
     "db.segments.csv. 'kanjo corpus import audformat' makes the same table of "
     "it again.\n\n" EXIT_TEXT,
     cli_corpus_export},
    {"corpus synth", CLI_CORPUS_SYNTH, "", 0, 0,
     "Make a SYNTHETIC corpus, to rehearse experiments",
     "espeak-ng speaks English and Japanese sentences in voices whose speed, "
     "pitch, range, level and brightness are drawn from a known valence, "
     "activation and dominance; simulated raters rate them on the scales of "
     "IEMOCAP and UUDB. Writes LL/labels.csv, LL/truth.csv and LL/audio into "
     "the new or empty folder DIR for each language LL, and DIR/README.md. The "
     "same seed and the same espeak-ng give the same bytes. Needs the program "
     "espeak-ng. Nothing of an interrupted corpus is kept."
     "\n\n" EXIT_TEXT,
     cli_corpus_synth},
    {"completion", CLI_COMPLETION, "bash|zsh|fish", 1, 1,
     "Print a completion script for a shell",
     "For bash: eval \"$(kanjo completion bash)\".", cli_completion},
    {"man", CLI_MAN, "", 0, 0, "Print the man page",
     "The page is in the man macro language: kanjo man | man -l -", cli_man},
};

const size_t CLI_N_VERBS = sizeof CLI_VERBS / sizeof CLI_VERBS[0];
