/*
 * results_compare.c: is one contender better than another? Paired over
 * speakers, seeds averaged first; and what raters reach against each other.
 *
 * Every network against `none`, vat against noise and at, what is smoothed
 * against the same network without, and what a search found (methods named
 * `searched...`) against the others that smooth alike, by mae and ccc: these
 * are one family for Holm's correction, for each target of each experiment.
 */
#include "experiment/protocol_check.h"
#include "experiment/results_state.h"

#include "base/error.h"
#include "base/memory.h"
#include "kanjo/raters.h"

#include <math.h>
#include <string.h>

/* The comparisons of one target, and room to make them. */
typedef struct comparing {
  const kj_dataset *data;
  const kj__tested *tested;
  size_t target, n_speakers;
  double *truth, *estimate; /* (rows of a seed) */
  size_t *cluster;          /* likewise */
  kj_metrics *of_a, *of_b;  /* (n_speakers) */
  double *sum, *count;      /* (n_speakers) of the differences */
} comparing;

static kj_status allocate(comparing *c, kj_error *err)
{
  const size_t n = c->tested->any.n;
  c->n_speakers = c->data->groups[KJ_GROUP_SPEAKER].n;
  c->truth = kj__allocate(NULL, n, sizeof(double));
  c->estimate = kj__allocate(NULL, n, sizeof(double));
  c->cluster = kj__allocate(NULL, n, sizeof(size_t));
  c->of_a = kj__allocate(NULL, c->n_speakers, sizeof(kj_metrics));
  c->of_b = kj__allocate(NULL, c->n_speakers, sizeof(kj_metrics));
  c->sum = kj__allocate(NULL, c->n_speakers, sizeof(double));
  c->count = kj__allocate(NULL, c->n_speakers, sizeof(double));
  return c->truth && c->estimate && c->cluster && c->of_a && c->of_b &&
                 c->sum && c->count
             ? KJ_OK
             : kj__fail_memory(err, "comparisons");
}

static void release(comparing *c)
{
  kj__release(NULL, c->truth);
  kj__release(NULL, c->estimate);
  kj__release(NULL, c->cluster);
  kj__release(NULL, c->of_a);
  kj__release(NULL, c->of_b);
  kj__release(NULL, c->sum);
  kj__release(NULL, c->count);
}

/* The metrics of each speaker with one seed. */
static kj_status measure(comparing *c, const kj__measured *m, size_t seed,
                         kj_metrics *out, kj_error *err)
{
  const size_t n_t = c->data->n_targets;
  const double *of =
      m->seed_estimate + seed * c->data->n_rows * n_t + c->target;
  const kj_rows rows = c->tested->seed[seed];
  kj_metric_rows pairs = {.truth = c->truth,
                          .estimate = c->estimate,
                          .cluster = c->cluster,
                          .n_clusters = c->n_speakers};
  for (size_t i = 0; i < rows.n; i++) {
    const size_t row = rows.index[i];
    const double y = (double)c->data->y[row * n_t + c->target];
    if (!isfinite(y))
      continue;
    c->truth[pairs.n] = y;
    c->estimate[pairs.n] = of[row * n_t];
    c->cluster[pairs.n++] = c->data->row[row].group[KJ_GROUP_SPEAKER];
  }
  for (size_t s = 0; pairs.n == 0 && s < c->n_speakers; s++)
    out[s].mae = (double)NAN;
  return pairs.n == 0 ? KJ_OK
                      : kj_metrics_by_cluster(&pairs, 1, NULL, out, err);
}

/* Whether a speaker has rows in a seed: then mae is defined. */
static bool is_there(const kj_metrics *metrics)
{
  return isfinite(metrics->mae);
}

static void add_differences(comparing *c, kj_metric metric)
{
  const double tie = 1e-12; /* as kj_paired_compare */
  for (size_t s = 0; s < c->n_speakers; s++) {
    if (!is_there(&c->of_a[s]))
      continue;
    const double a = kj_metric_value(&c->of_a[s], metric);
    const double b = kj_metric_value(&c->of_b[s], metric);
    const double d = a - b;
    c->sum[s] += fabs(d) <= tie * (fabs(a) + fabs(b)) ? 0.0 : d;
    c->count[s] += 1.0;
  }
}

/* d of each speaker: the mean over the seeds that tested them. */
static kj_status compare(comparing *c, kj__pair *pair, kj_error *err)
{
  kj_status status = KJ_OK;
  memset(c->sum, 0, c->n_speakers * sizeof *c->sum);
  memset(c->count, 0, c->n_speakers * sizeof *c->count);
  for (size_t s = 0; status == KJ_OK && s < pair->a->n_seeds; s++) {
    status = measure(c, pair->a, s, c->of_a, err);
    if (status == KJ_OK)
      status = measure(c, pair->b, s, c->of_b, err);
    if (status == KJ_OK)
      add_differences(c, pair->metric);
  }
  for (size_t s = 0; s < c->n_speakers; s++)
    c->sum[s] /= c->count[s]; /* NaN where never tested: left out */
  return status == KJ_OK
             ? kj_paired_test(c->sum, c->n_speakers, NULL, &pair->result, err)
             : status;
}

static size_t find(const kj_protocol *p, const char *name)
{
  size_t m = 0;
  while (m < p->methods.n && strcmp(p->methods.item[m].name, name) != 0)
    m++;
  return m;
}

void kj__pairs_add(kj__pairs *pairs, kj__pair what)
{
  static const kj_metric metrics[] = {KJ_METRIC_MAE, KJ_METRIC_CCC};
  for (size_t m = 0; m < 2; m++) {
    if (pairs->n == KJ__MOST_PAIRS) {
      pairs->n_beyond++;
      continue;
    }
    what.metric = metrics[m];
    pairs->pair[pairs->n++] = what;
  }
}

/* As `kanjo search` names what it found. */
static bool is_searched(const kj_protocol *p, size_t m)
{
  static const char prefix[] = "searched";
  return strncmp(p->methods.item[m].name, prefix, sizeof prefix - 1) == 0;
}

static bool is_smoothed_alike(const kj_protocol *p, size_t a, size_t b)
{
  const kj_protocol_method *x = &p->methods.item[a], *y = &p->methods.item[b];
  return x->method == y->method && x->smoothing == y->smoothing;
}

/* Whether b is a with no smoothing, and alike in all else. */
static bool is_bare(const kj_protocol *p, size_t a, size_t b)
{
  const kj_protocol_method *x = &p->methods.item[a], *y = &p->methods.item[b];
  const kj_fit_options s = kj__protocol_fit(p, x),
                       bare = kj__protocol_fit(p, y);
  return x->method == KJ_METHOD_NETWORK && y->method == KJ_METHOD_NETWORK &&
         s.smoothing.kind != KJ_SMOOTHING_NONE &&
         bare.smoothing.kind == KJ_SMOOTHING_NONE && s.loss == bare.loss &&
         s.dropout == bare.dropout && s.calibrate == bare.calibrate &&
         s.normalisation == bare.normalisation && s.joint == bare.joint;
}

static void add_pair(const kj_protocol *p, const kj__measured *measured,
                     size_t a, size_t b, kj__pairs *pairs)
{
  kj__pairs_add(pairs, (kj__pair){.a = &measured[a],
                                  .b = &measured[b],
                                  .a_name = p->methods.item[a].name,
                                  .b_name = p->methods.item[b].name});
}

static bool is_searched_pair(const kj_protocol *p, size_t a, size_t b)
{
  return is_searched(p, a) && !is_searched(p, b) && is_smoothed_alike(p, a, b);
}

static void add_where(const kj_protocol *p, const kj__measured *measured,
                      bool (*is_one)(const kj_protocol *, size_t, size_t),
                      size_t except, kj__pairs *pairs)
{
  for (size_t a = 0; a < p->methods.n; a++)
    for (size_t b = 0; b < p->methods.n; b++)
      if (b != except && is_one(p, a, b))
        add_pair(p, measured, a, b, pairs);
}

static void list_pairs(const kj_protocol *p, const kj__measured *measured,
                       kj__pairs *pairs)
{
  const size_t n_methods = p->methods.n;
  const size_t none = find(p, "none"), vat = find(p, "vat");
  const size_t others[] = {find(p, "noise"), find(p, "at")};
  for (size_t m = 0; none < n_methods && m < n_methods; m++)
    if (m != none && p->methods.item[m].method == KJ_METHOD_NETWORK)
      add_pair(p, measured, m, none, pairs);
  for (size_t i = 0; vat < n_methods && i < 2; i++)
    if (others[i] < n_methods)
      add_pair(p, measured, vat, others[i], pairs);
  add_where(p, measured, is_bare, none, pairs); /* those are there already */
  add_where(p, measured, is_searched_pair, n_methods, pairs);
}

/* Holm over all pairs, of one kind of p. */
static kj_status adjust(const kj__pairs *pairs, bool is_wilcoxon,
                        double *adjusted, kj_error *err)
{
  double p[KJ__MOST_PAIRS];
  for (size_t i = 0; i < pairs->n; i++)
    p[i] = is_wilcoxon ? pairs->pair[i].result.p_wilcoxon
                       : pairs->pair[i].result.p_signflip;
  return kj_holm(p, pairs->n, adjusted, err);
}

static json_t *pair_json(const kj__pair *pair, double holm_signflip,
                         double holm_wilcoxon)
{
  char note[KJ_PAIRED_NOTE_SIZE];
  const kj_paired *r = &pair->result;
  kj_paired_note(r->n, note);
  return json_pack(
      "{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}",
      "a", pair->a_name, "b", pair->b_name, "metric",
      kj_metric_name(pair->metric), "difference",
      kj__json_number(r->difference), "low", kj__json_number(r->interval.low),
      "high", kj__json_number(r->interval.high), "effect_size",
      kj__json_number(r->effect_size), "rank_biserial",
      kj__json_number(r->rank_biserial), "n_speakers", (json_int_t)r->n,
      "p_signflip", kj__json_number(r->p_signflip), "p_wilcoxon",
      kj__json_number(r->p_wilcoxon), "p_signflip_holm",
      kj__json_number(holm_signflip), "p_wilcoxon_holm",
      kj__json_number(holm_wilcoxon), "note",
      note[0] != '\0' ? json_string(note) : json_null());
}

static bool has_speakers(const kj_dataset *data)
{
  const kj_groups *speakers = &data->groups[KJ_GROUP_SPEAKER];
  return speakers->n > 1 || (speakers->n == 1 && speakers->name[0][0] != '\0');
}

static kj_status test(comparing *c, kj__pairs *pairs, kj_error *err)
{
  kj_status status = allocate(c, err);
  for (size_t i = 0; status == KJ_OK && i < pairs->n; i++)
    status = compare(c, &pairs->pair[i], err);
  release(c);
  return status;
}

kj_status kj__pairs_json(kj__run *run, const kj__tested *tested, size_t target,
                         kj__pairs *pairs, json_t **out, kj_error *err)
{
  comparing c = {.data = run->data, .tested = tested, .target = target};
  double signflip[KJ__MOST_PAIRS], wilcoxon[KJ__MOST_PAIRS];
  if (!has_speakers(run->data))
    pairs->n = pairs->n_beyond = 0;
  if (pairs->n_beyond > 0)
    return kj__fail(err, KJ_EDATA,
                    "%zu comparisons of methods; at most %d can be corrected "
                    "together. Leave out methods",
                    pairs->n + pairs->n_beyond, (int)KJ__MOST_PAIRS);
  kj_status status = test(&c, pairs, err);
  if (status == KJ_OK)
    status = adjust(pairs, false, signflip, err);
  if (status == KJ_OK)
    status = adjust(pairs, true, wilcoxon, err);
  if (status != KJ_OK)
    return status;
  *out = json_array();
  for (size_t i = 0; i < pairs->n; i++)
    json_array_append_new(*out,
                          pair_json(&pairs->pair[i], signflip[i], wilcoxon[i]));
  return KJ_OK;
}

kj_status kj__comparisons_json(kj__run *run, const kj__tested *tested,
                               const kj__measured *measured, size_t target,
                               json_t **out, kj_error *err)
{
  kj__pairs pairs = {0};
  list_pairs(run->protocol, measured, &pairs);
  return kj__pairs_json(run, tested, target, &pairs, out, err);
}

static kj_status measure_raters(const kj_dataset *data, kj_rows rows,
                                size_t target, kj_ceiling *ceiling,
                                kj_error *err)
{
  size_t n = 0;
  for (size_t i = 0; i < rows.n; i++)
    n += data->row[rows.index[i]].rating[target].n;
  size_t *offset = kj__allocate(NULL, rows.n + 1, sizeof *offset);
  double *value = kj__allocate(NULL, n, sizeof *value);
  kj_status status =
      offset && value ? KJ_OK : kj__fail_memory(err, "the raters' agreement");
  for (size_t i = 0; status == KJ_OK && i < rows.n; i++) {
    const kj_rating_list *list = &data->row[rows.index[i]].rating[target];
    offset[i + 1] = offset[i] + list->n;
    if (list->n > 0)
      memcpy(value + offset[i], list->value, list->n * sizeof *value);
  }
  if (status == KJ_OK)
    status = kj_rater_ceiling(
        &(kj_ratings){.offset = offset, .values = value, .n_rows = rows.n},
        ceiling, err);
  kj__release(NULL, offset);
  kj__release(NULL, value);
  return status;
}

kj_status kj__ceiling_json(const kj_dataset *data, kj_rows rows, size_t target,
                           json_t **out, kj_error *err)
{
  kj_ceiling c;
  const kj_status status = measure_raters(data, rows, target, &c, err);
  if (status != KJ_OK)
    return status;
  *out = c.n_pairs == 0
             ? json_null()
             : json_pack("{s:o, s:o, s:o, s:I, s:s}", "mae",
                         kj__json_number(c.mae), "ccc", kj__json_number(c.ccc),
                         "n_raters_mean", kj__json_number(c.n_raters_mean),
                         "n_rows", (json_int_t)c.n_rows, "what",
                         "one rater against the mean of the others");
  return KJ_OK;
}
