/*
 * options.h: the one table of verbs and the one table of options; parsing,
 * help, man page and completion are made from them.
 */
#ifndef KJ_CLI_OPTIONS_H
#define KJ_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growing list of words given on the command line; borrowed from argv. */
typedef struct cli_words {
  const char **word;
  size_t n, capacity;
} cli_words;

/* What the words of a command line said; defaults where they were silent. */
typedef struct cli_settings {
  /* every verb */
  bool json;
  int progress;
  cli_words input;
  const char *output;

  /* sound and features */
  const char *set;
  int level, rate, format;
  const char *channel;
  const char *list;
  const char *raw;
  bool segment;

  /* labels and training */
  const char *features;
  cli_words target;
  const char *scale;
  int smoothing, direction, method, loss, schedule, normalise;
  int initialisation, output_activation, precision;
  double lambda, epsilon, xi;
  const char *sigma;
  uint64_t power_iterations, epochs, batch, patience, seed, threads;
  const char *unlabelled, *hidden, *validation, *description, *licence;
  double learning_rate, weight_decay, dropout;
  const char *checkpoint_every;
  bool joint, calibrate, resume, relative;
  int preset; /* a place in CLI_PRESET_LIST; not looked at after parsing */
  uint64_t ramp;
  const char *intervals, *novelty; /* folds; NULL: none */
  double false_alarms;
  int kind;  /* a cli_kind */
  int route; /* a kj_route; -1: not said */
  int gate_smoothing;
  const char *gate_hidden, *gate_folds;
  uint64_t gate_epochs; /* 0: as the others */
  uint64_t members;

  /* cross-validate */
  const char *folds, *predictions;
  uint64_t jobs, seeds;

  /* convert */
  int weights; /* a kj_weights; -1: not said */
  const char *calibration;
  double gate_mae, gate_ccc;

  /* corpus */
  int out_of_range; /* a kj_out_of_range */
  const char *ratings;
  /* corpus synth */
  const char *languages;
  uint64_t utterances, speakers;
  int spontaneity_shift; /* 0: on, 1: off */
  /* experiment, runs */
  cli_words corpus, corpus_features; /* NAME=PATH */
  const char *iemocap, *uudb, *msp_improv, *emodb, *emotale;
  int form;
  uint64_t protocol_seeds, protocol_epochs; /* 0: as the protocol says */
  bool dry_run, list_protocols, list_keys, estimates;
  int runs_format;

  /* search */
  int strategy, algorithm, search_smoothing, search_by;
  cli_words over;
  const char *search_target, *search_experiment;
  uint64_t search_runs, search_folds; /* runs 0: as the strategy has it */
  double search_minutes;              /* 0: no limit */

  /* corpus check, stats, export */
  const char *split;
  int corpus_format;

  /* estimate, evaluate */
  cli_words model;
  double window, hop;
  double interval_level; /* 0: not said (cli_interval_level) */
  int table_format;
  uint64_t replicates;

  /* explain, audit */
  const char *svg;
  const char *pass, *marks;
} cli_settings;

/* What train makes. */
typedef enum cli_kind {
  CLI_KIND_ESTIMATOR,
  CLI_KIND_GATE,
  CLI_KIND_ROUTED
} cli_kind;

typedef enum cli_type {
  CLI_FLAG,   /* bool */
  CLI_TEXT,   /* const char * */
  CLI_WORDS,  /* cli_words: may be given several times */
  CLI_NUMBER, /* double within low..high */
  CLI_COUNT,  /* uint64_t within low..high */
  CLI_CHOICE  /* int: index into choices */
} cli_type;

/* Which verbs an option belongs to: a set of bits. */
enum {
  CLI_EXTRACT = 1,
  CLI_TRAIN = 2,
  CLI_CROSS_VALIDATE = 4,
  CLI_ESTIMATE = 8,
  CLI_EVALUATE = 16,
  CLI_INSPECT = 32,
  CLI_COMPLETION = 64,
  CLI_MAN = 128,
  CLI_CONVERT = 256,
  CLI_CORPUS_LIST = 1 << 9,
  CLI_CORPUS_IMPORT = 1 << 10,
  CLI_CORPUS_CHECK = 1 << 11,
  CLI_CORPUS_STATS = 1 << 12,
  CLI_CORPUS_EXPORT = 1 << 13,
  CLI_CORPUS_SYNTH = 1 << 14,
  CLI_EXPERIMENT = 1 << 15,
  CLI_RUNS_LIST = 1 << 16,
  CLI_RUNS_SHOW = 1 << 17,
  CLI_RUNS_EXPORT = 1 << 18,
  CLI_EXPLAIN = 1 << 20,
  CLI_AUDIT = 1 << 21,
  CLI_SEARCH = 1 << 22
};

typedef struct cli_option {
  const char *name;
  char letter; /* 0: none */
  unsigned verbs;
  cli_type type;
  size_t offset; /* of the field in cli_settings */
  const char *argument;
  const char *help;
  double low, high;
  const char *const *choices; /* ends with NULL */
} cli_option;

/* The choices of --format of extract and of --loss; end with NULL. */
extern const char *const CLI_FORMATS[], *const CLI_LOSSES[];

#define CLI_ANY SIZE_MAX

typedef struct cli_verb {
  const char *name; /* one word, or two: those with the same first are a group
                       and stand together in the table */
  unsigned bit;
  const char *arguments; /* as in the usage line */
  size_t least, most;    /* number of arguments; CLI_ANY: no limit */
  const char *summary;   /* one line */
  const char *text;      /* paragraphs for --help and the man page */
  int (*run)(const cli_settings *settings);
} cli_verb;

/* What an option that was given to train needs beside it and has not; NULL:
 * it is of use. */
const char *cli_unmet_need(const cli_option *option,
                           const cli_settings *settings);

extern const cli_option CLI_OPTIONS[];
extern const size_t CLI_N_OPTIONS;
extern const cli_verb CLI_VERBS[];
extern const size_t CLI_N_VERBS;

/* The settings when nothing is said. */
cli_settings cli_defaults(void);

/* Parse argv (argv[0] is the verb's name) into *settings. Prints and exits
 * for --help, --usage and --version (0) and for a wrong command line (2). */
void cli_parse(const cli_verb *verb, int argc, char **argv,
               cli_settings *settings);

/* True if verbs of two words begin with this one. */
bool cli_is_group(const char *word);

/* Print how to call kanjo as a whole, or the verbs of a group; NULL: all. */
void cli_print_help(const char *group);

/* The verbs: each returns an exit code. */
int cli_extract(const cli_settings *settings);
int cli_train(const cli_settings *settings);
int cli_cross_validate(const cli_settings *settings);
int cli_estimate(const cli_settings *settings);
int cli_evaluate(const cli_settings *settings);
int cli_explain(const cli_settings *settings);
int cli_audit(const cli_settings *settings);

int cli_inspect(const cli_settings *settings);
int cli_convert(const cli_settings *settings);
int cli_corpus_list(const cli_settings *settings);
int cli_corpus_import(const cli_settings *settings);
int cli_corpus_synth(const cli_settings *settings);
int cli_corpus_check(const cli_settings *settings);
int cli_corpus_stats(const cli_settings *settings);
int cli_corpus_export(const cli_settings *settings);
int cli_completion(const cli_settings *settings);
int cli_man(const cli_settings *settings);
int cli_experiment(const cli_settings *settings);
int cli_search(const cli_settings *settings);
int cli_runs_list(const cli_settings *settings);
int cli_runs_show(const cli_settings *settings);
int cli_runs_export(const cli_settings *settings);

#endif
