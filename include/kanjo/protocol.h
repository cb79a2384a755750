/*
 * protocol.h: what an experiment is, as a file says it: corpora, targets,
 * what is fitted, what is compared, on which rows.
 *
 * The file is YAML: a subset without anchors, aliases and tags. Its keys,
 * their types, ranges and defaults are one table (kj_protocol_document prints
 * it); docs/experiments.md explains them.
 */
#ifndef KANJO_PROTOCOL_H
#define KANJO_PROTOCOL_H

#include "kanjo/audit.h"
#include "kanjo/corpus.h"
#include "kanjo/experiment.h"
#include "kanjo/status.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct json_t; /* jansson's */

enum { KJ_PROTOCOL_VERSION = 1 };

/** Lists; all texts and arrays belong to the protocol. */
typedef struct kj_texts {
  const char **item;
  size_t n;
} kj_texts;

typedef struct kj_numbers {
  double *item;
  size_t n;
} kj_numbers;

/** name: value, name: value, ... */
typedef struct kj_pairs {
  const char **name;
  const char **value;
  size_t n;
} kj_pairs;

/* X(enum, name): strict rules, or those of a paper. */
#define KJ_FORM_LIST(X)                                                        \
  X(KJ_FORM_SOUND, "sound")                                                    \
  X(KJ_FORM_PAPER, "paper")

typedef enum kj_form {
#define KJ_FORM_ENUM(id, name) id,
  KJ_FORM_LIST(KJ_FORM_ENUM)
#undef KJ_FORM_ENUM
} kj_form;

/** A corpus: a table of labels, and where its features come from. */
typedef struct kj_protocol_corpus {
  const char *name;
  const char *labels;   /* "": to be named on the command line */
  const char *features; /* "": from the sound files */
  kj_pairs columns;     /* target: column */
  kj_numbers scale;     /* n 0: 1..5; else low, high */
  bool is_synthetic;
  size_t line; /* of the file */
} kj_protocol_corpus;

/** What the features of every corpus are. */
typedef struct kj_protocol_features {
  int set; /* index of a feature set; -1: is09 of sound, a table's own */
} kj_protocol_features;

/** Every network of the protocol, as kj_fit_options. */
typedef struct kj_protocol_fit {
  kj_numbers hidden;
  int output; /* kj_activation */
  uint64_t epochs, batch;
  double learning_rate, weight_decay, dropout;
  int loss;           /* mse, ccc or nll */
  int precision;      /* kj_precision */
  int normalise;      /* kj_normalisation */
  int initialisation; /* 0 uniform, 1 he */
  int schedule;       /* kj_schedule */
  bool joint;
} kj_protocol_fit;

/** What smooths, where a method does not say otherwise. */
typedef struct kj_protocol_smoothing {
  double lambda, epsilon;
  kj_numbers sigma; /* one, or one a target */
  int direction;    /* kj_direction */
  uint64_t power_iterations;
  double xi;
} kj_protocol_smoothing;

/** One contender. */
typedef struct kj_protocol_method {
  const char *name;
  int method;             /* kj_method */
  int smoothing;          /* kj_smoothing_kind; of networks */
  double lambda, epsilon; /* NaN: those of the protocol */
  bool adapts;            /* takes the unlabelled rows of `adapt` */
  int loss;               /* mse, ccc or nll, from 1; 0: that of `fit` */
  double dropout;         /* NaN: that of `fit` */
  int normalise;          /* kj_normalisation, from 1; 0: that of `fit` */
  int joint;              /* 1 false, 2 true; 0: as `fit` has it */
  uint64_t ramp;          /* epochs; 0: none */
  bool relative;          /* kj_smoothing.is_relative */
  bool calibrate;         /* on a fifth of the training speakers, held out */
  size_t line;            /* of the file */
} kj_protocol_method;

/** Which rows; an empty list or -1 asks nothing. */
typedef struct kj_protocol_filter {
  int spontaneous;
  kj_texts language, gender, emotion, speaker, session;
} kj_protocol_filter;

typedef struct kj_protocol_adapt {
  const char *corpus;
  double fraction; /* of its rows, in whole speakers */
  size_t line;     /* of the file */
} kj_protocol_adapt;

/** One figure: a measure against lambda or epsilon. */
typedef struct kj_protocol_sweep {
  int over; /* 0 lambda, 1 epsilon */
  kj_numbers values;
  double lambda, epsilon; /* the one that is fixed; NaN: the protocol's */
  const char *method;
  struct json_t *paper; /* or NULL */
  size_t line;          /* of the file */
} kj_protocol_sweep;

typedef struct kj_protocol_grid {
  kj_numbers lambda, epsilon;
  const char *method;
  size_t line; /* of the file */
} kj_protocol_grid;

/** Hyper-parameters chosen on the training speakers alone. */
typedef struct kj_protocol_choose {
  kj_numbers lambda, epsilon;
  uint64_t folds;
  int by;      /* 0 mae, 1 ccc */
  size_t line; /* of the file */
} kj_protocol_choose;

/** The gate of routed systems: what tells spontaneous from other speech. */
typedef struct kj_protocol_gate {
  kj_numbers hidden;      /* n 0: those of kj_gate_defaults */
  uint64_t epochs;        /* 0: fit.epochs */
  int smoothing;          /* kj_smoothing_kind */
  double lambda, epsilon; /* NaN: those of the protocol */
  kj_texts train;         /* corpora; n 0: those of the experiment */
} kj_protocol_gate;

/** Gate, experts and who is heard, beside the plain contenders. */
typedef struct kj_protocol_routing {
  kj_texts methods; /* n 0: all */
  kj_texts routes;  /* n 0: all of KJ_ROUTE_LIST; plain is always there */
  kj_protocol_gate gate;
  uint64_t folds;       /* of training speakers, for the route features */
  struct json_t *paper; /* {EXPERT or ROUTE: {TARGET: MAE}}, or NULL */
  size_t line;          /* of the file */
} kj_protocol_routing;

/** Intervals from residuals of training speakers that were held out. */
typedef struct kj_protocol_intervals {
  const char *folds; /* of the training rows, as kj_folds_parse has it */
  double level;
  kj_texts methods; /* n 0: all */
  size_t line;      /* of the file */
} kj_protocol_intervals;

/** What some conditions and targets are allowed otherwise. */
typedef struct kj_protocol_mark {
  kj_texts conditions, targets; /* n 0: all */
  kj_audit_marks marks;         /* NaN: as it was */
  size_t line;                  /* of the file */
} kj_protocol_mark;

/** How much worse a model may be in the user's room. */
typedef struct kj_protocol_audit {
  kj_audit_marks all; /* of every condition and target */
  bool genders;       /* asked of each gender too, not of all rows alone */
  struct {
    kj_protocol_mark *item; /* a later one overrules those before */
    size_t n;
  } marks;
  size_t line; /* of the file */
} kj_protocol_audit;

typedef struct kj_protocol_paper {
  const char *table;
  struct json_t *values; /* or NULL */
} kj_protocol_paper;

typedef struct kj_protocol_experiment {
  const char *id, *title;
  kj_texts train, test;                              /* names of corpora */
  const char *split;                                 /* "": none */
  kj_protocol_filter *only, *train_only, *test_only; /* or NULL */
  kj_protocol_adapt *adapt;                          /* or NULL */
  struct {
    kj_protocol_sweep *item;
    size_t n;
  } sweeps;
  kj_protocol_grid *grid;           /* or NULL */
  kj_protocol_choose *choose;       /* or NULL */
  kj_protocol_routing *routing;     /* or NULL */
  kj_protocol_intervals *intervals; /* or NULL */
  kj_protocol_paper *paper;         /* or NULL */
  kj_texts notes;
  size_t line; /* of the file */
} kj_protocol_experiment;

/** A whole protocol; open to be read, and to have paths filled in. */
typedef struct kj_protocol {
  const char *path;   /* as it was given, for messages */
  const char *folder; /* that paths in it are relative to */
  const char *text;   /* the file as it stands */
  char hash[65];      /* SHA-256 of the text */
  uint64_t version;
  const char *name, *title;
  int form; /* kj_form */
  struct {
    kj_protocol_corpus *item;
    size_t n;
  } corpora;
  kj_texts targets; /* n 0: nothing but gates is measured */
  uint64_t seeds, seed;
  kj_protocol_features features;
  kj_protocol_fit fit;
  kj_protocol_smoothing smoothing;
  struct {
    kj_protocol_method *item;
    size_t n;
  } methods;
  kj_protocol_audit *audit; /* or NULL */
  kj_texts our_choices;
  struct {
    kj_protocol_experiment *item;
    size_t n;
  } experiments;
  kj_texts overrides; /* what the command line changed, in words */

  struct kj__arena *arena; /* private */
  struct json_t *free;     /* private: owns the values of papers */
} kj_protocol;

/**
 * Read a protocol.
 *
 * Unknown keys, values out of range, names of corpora or methods that the
 * protocol does not have, and keys that exclude each other are errors with
 * file and line; the nearest key is named.
 *
 * @param[in] path  of the file, at most 1 MiB.
 * @param[out] out  unchanged on failure.
 * @return KJ_OK; KJ_EFILE if it cannot be read; KJ_EFORMAT if it is no such
 *         protocol; KJ_EMEMORY.
 *
 * Memory: caller releases with kj_protocol_destroy.  Threads: one.
 */
kj_status kj_protocol_read(const char *path, kj_protocol **out, kj_error *err);

/** Likewise from `size` bytes of memory; `path` is for messages and folder. */
kj_status kj_protocol_parse(const char *path, const char *text, size_t size,
                            kj_protocol **out, kj_error *err);

/** Release a protocol; NULL is allowed. */
void kj_protocol_destroy(kj_protocol *protocol);

/** A corpus by its name, or NULL. */
kj_protocol_corpus *kj_protocol_find_corpus(const kj_protocol *protocol,
                                            const char *name);

/** A method by its name, or NULL. */
const kj_protocol_method *kj_protocol_find_method(const kj_protocol *protocol,
                                                  const char *name);

/** Whether routed systems of an experiment take a route. */
bool kj_protocol_has_route(const kj_protocol_routing *routing, kj_route route);

/** What a protocol's audit allows a target under a condition. */
kj_audit_marks kj_protocol_marks(const kj_protocol_audit *audit,
                                 kj_condition condition, const char *target);

/** Note what was changed after reading; KJ_EMEMORY. */
kj_status kj_protocol_note_override(kj_protocol *protocol, const char *text,
                                    kj_error *err);

/**
 * Give the table of all keys as Markdown.
 *
 * @param[out] text  malloc'ed, caller frees.
 * @return KJ_OK; KJ_EMEMORY.
 */
kj_status kj_protocol_document(char **text, kj_error *err);

#ifdef __cplusplus
}
#endif
#endif
