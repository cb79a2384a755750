/*
 * protocol_check.c: completing and checking a protocol that was read.
 */
#include "experiment/protocol_check.h"

#include "base/error.h"
#include "corpus/arena.h"
#include "corpus/nearest.h"
#include "corpus/number.h"
#include "corpus/path.h"
#include "kanjo/routing.h"

#include <math.h>
#include <string.h>

enum { MAX_NAMES = 64 };

/* 0.2 or 1/7 */
static bool parse_fraction(const char *text, double *fraction)
{
  char top[32];
  double above, below = 1.0;
  const char *slash = strchr(text, '/');
  const size_t n = slash ? (size_t)(slash - text) : strlen(text);
  if (n >= sizeof top)
    return false;
  memcpy(top, text, n);
  top[n] = '\0';
  if (!kj__number_parse(top, &above) ||
      (slash && !kj__number_parse(slash + 1, &below)))
    return false;
  *fraction = above / below;
  return *fraction > 0.0 && *fraction < 1.0;
}

static bool parse_holdout(const char *text, kj_split *split)
{
  static const char *const kinds[] = {
#define KIND_NAME(id, name) name,
      KJ_GROUP_LIST(KIND_NAME)
#undef KIND_NAME
  };
  const char *colon = strchr(text, ':');
  for (size_t i = 0; colon && i < sizeof kinds / sizeof kinds[0]; i++)
    if (strlen(kinds[i]) == (size_t)(colon - text) &&
        strncmp(kinds[i], text, strlen(kinds[i])) == 0) {
      *split = (kj_split){.group = (kj_group)i};
      return parse_fraction(colon + 1, &split->fraction);
    }
  return false;
}

kj_status kj__division_parse(const char *text, kj__division *division,
                             kj_error *err)
{
  static const char prefix[] = "holdout-";
  kj__division read = {.is_holdout =
                           strncmp(text, prefix, sizeof prefix - 1) == 0};
  const bool is_good =
      read.is_holdout ? parse_holdout(text + sizeof prefix - 1, &read.holdout)
                      : kj_folds_parse(text, &read.folds, NULL) == KJ_OK;
  if (!is_good)
    return kj__fail(err, KJ_EFORMAT,
                    "split is '%.64s'; must be speaker, session, corpus, a "
                    "number of folds from 2, one of them with a number, "
                    "random:K, or holdout-KIND:F with 0 < F < 1, such as "
                    "holdout-speaker:0.2 or holdout-random:1/7",
                    text);
  *division = read;
  return KJ_OK;
}

static kj_status complete_methods(kj_protocol *p, kj_error *err)
{
  if (p->methods.n == 0) {
    p->methods.item =
        kj__arena_take(p->arena, KJ_N_CONTENDERS, sizeof *p->methods.item);
    if (!p->methods.item)
      return kj__fail_memory(err, p->path);
    for (size_t c = 0; c < KJ_N_CONTENDERS; c++)
      p->methods.item[c] = (kj_protocol_method){.name = KJ_CONTENDERS[c].name,
                                                .smoothing = -1,
                                                .lambda = (double)NAN,
                                                .epsilon = (double)NAN,
                                                .dropout = (double)NAN,
                                                .adapts = true};
    p->methods.n = KJ_N_CONTENDERS;
  }
  for (size_t i = 0; i < p->methods.n; i++) {
    kj_protocol_method *m = &p->methods.item[i];
    size_t c = 0;
    while (c < KJ_N_CONTENDERS && strcmp(KJ_CONTENDERS[c].name, m->name) != 0)
      c++;
    const bool is_known = c < KJ_N_CONTENDERS;
    if (m->smoothing < 0 && m->method == KJ_METHOD_NETWORK && !is_known)
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: methods: '%s' is none of constant, ridge, none, "
                      "noise, at, vat; say what it is: {name: %s, smoothing: "
                      "vat, ...}",
                      p->path, m->line, m->name, m->name);
    if (m->smoothing < 0 && m->method == KJ_METHOD_NETWORK) {
      m->method = (int)KJ_CONTENDERS[c].method;
      m->smoothing = (int)KJ_CONTENDERS[c].smoothing;
    }
    if (m->smoothing < 0)
      m->smoothing = KJ_SMOOTHING_NONE;
  }
  return KJ_OK;
}

kj_status kj__protocol_complete(kj_protocol *p, kj_error *err)
{
  if (!p->title)
    p->title = p->name;
  for (size_t i = 0; i < p->experiments.n; i++)
    if (p->experiments.item[i].title[0] == '\0')
      p->experiments.item[i].title = p->experiments.item[i].id;
  for (size_t i = 0; i < p->corpora.n; i++) {
    kj_protocol_corpus *c = &p->corpora.item[i];
    if (c->labels[0] != '\0')
      c->labels = kj__path_in(p->arena, p->folder, c->labels);
    if (c->labels && c->features[0] != '\0')
      c->features = kj__path_in(p->arena, p->folder, c->features);
    if (!c->labels || !c->features)
      return kj__fail_memory(err, p->path);
  }
  return complete_methods(p, err);
}

static kj_status fail_name(const kj_protocol *p, size_t line, const char *what,
                           const char *name, const char *nearest, kj_error *err)
{
  return kj__fail(err, KJ_EFORMAT,
                  "%s:%zu: %s '%.64s' is not in this protocol; nearest: %s",
                  p->path, line, what, name, nearest);
}

static kj_status check_corpus_name(const kj_protocol *p, size_t line,
                                   const char *name, kj_error *err)
{
  const char *names[MAX_NAMES];
  char nearest[200];
  size_t n = 0;
  if (kj_protocol_find_corpus(p, name))
    return KJ_OK;
  for (; n < p->corpora.n && n < MAX_NAMES; n++)
    names[n] = p->corpora.item[n].name;
  kj__nearest(nearest, sizeof nearest, name, NULL, names, n);
  return fail_name(p, line, "corpus", name, nearest, err);
}

static kj_status fail_method_name(const kj_protocol *p, size_t line,
                                  const char *name, kj_error *err)
{
  const char *names[MAX_NAMES];
  char nearest[200];
  size_t n = 0;
  for (; n < p->methods.n && n < MAX_NAMES; n++)
    names[n] = p->methods.item[n].name;
  kj__nearest(nearest, sizeof nearest, name, NULL, names, n);
  return fail_name(p, line, "method", name, nearest, err);
}

static kj_status check_method_name(const kj_protocol *p, size_t line,
                                   const char *name, kj_error *err)
{
  const kj_protocol_method *method = kj_protocol_find_method(p, name);
  if (method && method->method == KJ_METHOD_NETWORK &&
      method->smoothing != KJ_SMOOTHING_NONE)
    return KJ_OK;
  if (method)
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: method '%s' is not smoothed; lambda and epsilon "
                    "change nothing of it",
                    p->path, line, name);
  return fail_method_name(p, line, name, err);
}

static kj_status check_corpora(const kj_protocol *p, size_t line,
                               const kj_texts *names, kj_error *err)
{
  kj_status status = KJ_OK;
  for (size_t i = 0; status == KJ_OK && i < names->n; i++)
    status = check_corpus_name(p, line, names->item[i], err);
  return status;
}

static kj_status check_route_names(const kj_protocol *p,
                                   const kj_protocol_routing *r, kj_error *err)
{
  kj_route route;
  for (size_t i = 0; i < r->routes.n; i++)
    if (!kj_route_find(r->routes.item[i], &route))
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: routes: '%.64s' is none of plain, hard, soft, "
                      "oracle, features",
                      p->path, r->line, r->routes.item[i]);
  return KJ_OK;
}

bool kj__texts_hold(const kj_texts *names, const char *name)
{
  for (size_t i = 0; i < names->n; i++)
    if (strcmp(names->item[i], name) == 0)
      return true;
  return false;
}

/* The probability of a kind has no group to be standardised in. */
static kj_status check_route_features(const kj_protocol *p,
                                      const kj_protocol_routing *r,
                                      kj_error *err)
{
  if (!kj_protocol_has_route(r, KJ_ROUTE_FEATURES))
    return KJ_OK;
  for (size_t m = 0; m < p->methods.n; m++) {
    const kj_protocol_method *method = &p->methods.item[m];
    const bool is_routed =
        r->methods.n == 0 || kj__texts_hold(&r->methods, method->name);
    if (is_routed &&
        kj__protocol_fit(p, method).normalisation != KJ_NORMALISE_TRAIN)
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: route features needs normalise: train; name "
                      "the other routes",
                      p->path, r->line);
  }
  return KJ_OK;
}

static kj_status check_intervals(const kj_protocol *p,
                                 const kj_protocol_intervals *i, kj_error *err)
{
  kj_folds folds;
  if (!i)
    return KJ_OK;
  kj_status status = kj_folds_parse(i->folds, &folds, err);
  if (status == KJ_OK && folds.group == KJ_GROUP_ROW)
    status = kj__fail(err, KJ_EARGUMENT,
                      "folds are of rows; must be of speakers, sessions or "
                      "corpora: residuals of voices that were heard are small");
  if (status != KJ_OK)
    return kj__fail_in(err, KJ_EFORMAT, "%s:%zu: intervals", p->path, i->line);
  for (size_t m = 0; status == KJ_OK && m < i->methods.n; m++)
    if (!kj_protocol_find_method(p, i->methods.item[m]))
      status = fail_method_name(p, i->line, i->methods.item[m], err);
  return status;
}

/* Experts of unlabelled rows would need their kinds; and a probability among
 * the features has no statistics of a corpus or speaker of its own. */
static kj_status check_routing(const kj_protocol *p,
                               const kj_protocol_experiment *e, kj_error *err)
{
  const kj_protocol_routing *r = e->routing;
  if (!r)
    return KJ_OK;
  if (e->adapt)
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: experiment '%s' has both routing and adapt; must "
                    "have one of them",
                    p->path, r->line, e->id);
  if (r->gate.hidden.n >= KJ_MAX_LAYERS)
    return kj__fail(err, KJ_EFORMAT,
                    "%s:%zu: gate: %zu hidden layers; must be 0..%d", p->path,
                    r->line, r->gate.hidden.n, KJ_MAX_LAYERS - 1);
  kj_status status = check_route_features(p, r, err);
  if (status == KJ_OK)
    status = check_route_names(p, r, err);
  for (size_t i = 0; status == KJ_OK && i < r->methods.n; i++)
    if (!kj_protocol_find_method(p, r->methods.item[i]))
      status = fail_method_name(p, r->line, r->methods.item[i], err);
  return status == KJ_OK ? check_corpora(p, r->line, &r->gate.train, err)
                         : status;
}

/* Either a test corpus or a split of the training corpora. */
static kj_status check_parts(const kj_protocol *p,
                             const kj_protocol_experiment *e, kj_error *err)
{
  kj__division division;
  const bool has_split = e->split[0] != '\0';
  if (has_split == (e->test.n > 0))
    return kj__fail(
        err, KJ_EFORMAT, "%s:%zu: experiment '%s' has %s; must have either",
        p->path, e->line, e->id,
        has_split ? "both test and split" : "neither test nor split");
  if (!has_split)
    return KJ_OK;
  const kj_status status = kj__division_parse(e->split, &division, err);
  return status == KJ_OK ? KJ_OK
                         : kj__fail_in(err, status, "%s:%zu", p->path, e->line);
}

static kj_status check_experiment(const kj_protocol *p, size_t index,
                                  kj_error *err)
{
  const kj_protocol_experiment *e = &p->experiments.item[index];
  for (size_t i = 0; i < index; i++)
    if (strcmp(p->experiments.item[i].id, e->id) == 0)
      return kj__fail(err, KJ_EFORMAT, "%s:%zu: id '%s' is there twice",
                      p->path, e->line, e->id);
  kj_status status = check_corpora(p, e->line, &e->train, err);
  if (status == KJ_OK)
    status = check_corpora(p, e->line, &e->test, err);
  if (status == KJ_OK)
    status = check_parts(p, e, err);
  if (status == KJ_OK && e->adapt)
    status = check_corpus_name(p, e->adapt->line, e->adapt->corpus, err);
  for (size_t i = 0; status == KJ_OK && i < e->sweeps.n; i++)
    status = check_method_name(p, e->sweeps.item[i].line,
                               e->sweeps.item[i].method, err);
  if (status == KJ_OK && e->grid)
    status = check_method_name(p, e->grid->line, e->grid->method, err);
  if (status == KJ_OK)
    status = check_intervals(p, e->intervals, err);
  return status == KJ_OK ? check_routing(p, e, err) : status;
}

/* Without a target there are gates and nothing else. */
static kj_status check_targets(const kj_protocol *p, kj_error *err)
{
  for (size_t e = 0; p->targets.n == 0 && e < p->experiments.n; e++)
    if (!p->experiments.item[e].routing)
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: experiment '%s' has no routing, and the "
                      "protocol no targets; must have either",
                      p->path, p->experiments.item[e].line,
                      p->experiments.item[e].id);
  if (p->targets.n > KJ_MAX_TARGETS)
    return kj__fail(err, KJ_EFORMAT, "%s: %zu targets; must be 0..%d", p->path,
                    p->targets.n, KJ_MAX_TARGETS);
  return KJ_OK;
}

static kj_status check_top(const kj_protocol *p, kj_error *err)
{
  const size_t n_sigma = p->smoothing.sigma.n;
  if (n_sigma != 1 && n_sigma != p->targets.n)
    return kj__fail(err, KJ_EFORMAT,
                    "%s: sigma has %zu numbers; must be one, or one for each "
                    "of %zu targets",
                    p->path, n_sigma, p->targets.n);
  if (p->fit.hidden.n >= KJ_MAX_LAYERS)
    return kj__fail(err, KJ_EFORMAT, "%s: %zu hidden layers; must be 0..%d",
                    p->path, p->fit.hidden.n, KJ_MAX_LAYERS - 1);
  for (size_t i = 0; i < p->corpora.n; i++) {
    const kj_protocol_corpus *c = &p->corpora.item[i];
    if (c->scale.n != 0 &&
        (c->scale.n != 2 || c->scale.item[0] >= c->scale.item[1]))
      return kj__fail(err, KJ_EFORMAT,
                      "%s:%zu: corpora: scale of '%s' must be [lowest, "
                      "highest]",
                      p->path, c->line, c->name);
  }
  return KJ_OK;
}

kj_status kj__protocol_check(const kj_protocol *p, kj_error *err)
{
  kj_status status = check_targets(p, err);
  if (status == KJ_OK)
    status = check_top(p, err);
  for (size_t i = 0; status == KJ_OK && i < p->methods.n; i++)
    if (kj_protocol_find_method(p, p->methods.item[i].name) !=
        &p->methods.item[i])
      status =
          kj__fail(err, KJ_EFORMAT, "%s:%zu: method '%s' is there twice",
                   p->path, p->methods.item[i].line, p->methods.item[i].name);
  for (size_t i = 0; status == KJ_OK && i < p->experiments.n; i++)
    status = check_experiment(p, i, err);
  return status == KJ_OK ? kj__protocol_check_audit(p, err) : status;
}

kj_smoothing kj__protocol_smoothing(const kj_protocol *p,
                                    const kj_protocol_method *method)
{
  const kj_protocol_smoothing *from = &p->smoothing;
  kj_smoothing s = kj_smoothing_defaults((kj_smoothing_kind)method->smoothing);
  s.lambda = isnan(method->lambda) ? from->lambda : method->lambda;
  s.epsilon = isnan(method->epsilon) ? from->epsilon : method->epsilon;
  s.direction = (kj_direction)from->direction;
  s.power_iterations = (unsigned)from->power_iterations;
  s.xi = from->xi;
  s.is_relative = method->relative;
  for (size_t k = 0; k < p->targets.n; k++)
    s.sigma[k] = from->sigma.item[from->sigma.n == 1 ? 0 : k];
  return s;
}

kj_fit_options kj__protocol_fit(const kj_protocol *p,
                                const kj_protocol_method *method)
{
  static const kj_loss losses[] = {KJ_LOSS_MSE, KJ_LOSS_CCC, KJ_LOSS_NLL};
  const kj_protocol_fit *from = &p->fit;
  kj_fit_options o = kj_fit_defaults();
  o.method = (kj_method)method->method;
  o.joint = from->joint;
  o.n_hidden = from->hidden.n;
  for (size_t l = 0; l < o.n_hidden; l++)
    o.hidden[l] = (size_t)from->hidden.item[l];
  o.output = (kj_activation)from->output;
  o.normalisation = (kj_normalisation)from->normalise;
  o.loss = losses[from->loss];
  o.he_initialisation = from->initialisation == 1;
  o.learning_rate = from->learning_rate;
  o.weight_decay = from->weight_decay;
  o.dropout = isnan(method->dropout) ? from->dropout : method->dropout;
  o.schedule = (kj_schedule)from->schedule;
  o.epochs = (size_t)from->epochs;
  o.batch = (size_t)from->batch;
  o.precision = (kj_precision)from->precision;
  o.smoothing = kj__protocol_smoothing(p, method);
  if (method->loss > 0)
    o.loss = losses[method->loss - 1];
  if (o.method == KJ_METHOD_NETWORK && o.loss == KJ_LOSS_NLL)
    o.output = KJ_ACTIVATION_LINEAR; /* a deviation has a logarithm */
  if (method->normalise > 0)
    o.normalisation = (kj_normalisation)(method->normalise - 1);
  if (method->joint > 0)
    o.joint = method->joint == 2;
  o.ramp = o.smoothing.kind == KJ_SMOOTHING_NONE ? 0 : (size_t)method->ramp;
  o.calibrate = method->calibrate;
  if (o.calibrate)
    o.validation = (kj_split){.group = KJ_GROUP_SPEAKER, .fraction = 0.2};
  return o;
}

kj_fit_options kj__protocol_gate(const kj_protocol *p,
                                 const kj_protocol_gate *gate)
{
  const kj_protocol_method method = {.method = KJ_METHOD_NETWORK,
                                     .smoothing = gate->smoothing,
                                     .lambda = gate->lambda,
                                     .dropout = (double)NAN,
                                     .epsilon = gate->epsilon};
  const kj_fit_options like = kj_gate_defaults();
  kj_fit_options o = kj__protocol_fit(p, &method);
  o.joint = false;
  o.loss = like.loss;
  o.output = like.output;
  o.n_hidden = like.n_hidden;
  memcpy(o.hidden, like.hidden, sizeof o.hidden);
  if (gate->hidden.n > 0)
    o.n_hidden = gate->hidden.n;
  for (size_t l = 0; l < gate->hidden.n; l++)
    o.hidden[l] = (size_t)gate->hidden.item[l];
  if (gate->epochs > 0)
    o.epochs = (size_t)gate->epochs;
  o.smoothing.sigma[0] = 1.0; /* a probability has none */
  return o;
}
