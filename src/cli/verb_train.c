/*
 * verb_train.c: `kanjo train`: rated speech in, a model file out.
 */
#include "base/error.h"
#include "base/pool.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/training.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 8 }; /* unless --threads asks for more */

/* ---- settings ---- */

static bool is_informed(const cli_training *t)
{
  return cli_training_is_routed(t) && t->routing.route == KJ_ROUTE_FEATURES;
}

/* Folds of voices; nothing where nothing was said. */
static kj_status read_folds(const char *option, const char *text,
                            kj_folds *folds, kj_error *err)
{
  if (!text)
    return KJ_OK;
  const kj_status status = kj_folds_parse(text, folds, err);
  if (status != KJ_OK)
    return kj__fail_in(err, status, "%s", option);
  if (folds->group == KJ_GROUP_ROW)
    return kj__fail(err, KJ_EARGUMENT,
                    "%s is '%s'; must be folds of speakers, sessions or "
                    "corpora: what was heard is known too well",
                    option, text);
  return KJ_OK;
}

/* What an informed estimator cannot be. */
static kj_status check_informed(const cli_settings *s, kj_error *err)
{
  if (s->unlabelled)
    return kj__fail(err, KJ_EARGUMENT,
                    "--unlabelled with --route features; of such rows no gate "
                    "has a word");
  return KJ_OK;
}

/* What a gate is not asked for, and what only a routed model is. */
static kj_status check_kind(cli_training *t, kj_error *err)
{
  const cli_settings *s = t->settings;
  if (s->kind == CLI_KIND_GATE && s->target.n > 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--target with --kind gate; a gate has one target, the "
                    "column '" KJ_SPONTANEOUS "'");
  if (s->kind != CLI_KIND_GATE && s->target.n == 0)
    return kj__fail(err, KJ_EARGUMENT,
                    "--target is missing, such as --target valence");
  if (s->kind == CLI_KIND_GATE && s->intervals)
    return kj__fail(err, KJ_EARGUMENT,
                    "--intervals with --kind gate; a probability has none");
  if (s->members > 1 && s->method != KJ_METHOD_NETWORK)
    return kj__fail(err, KJ_EARGUMENT,
                    "--members %llu; must be 1 with --method ridge and "
                    "constant, whose fits are all the same",
                    (unsigned long long)s->members);
  if (s->members > 1 && cli_training_is_routed(t))
    return kj__fail(err, KJ_EARGUMENT,
                    "--members %llu; must be 1 with --kind routed, whose file "
                    "holds one gate and one estimator of each kind",
                    (unsigned long long)s->members);
  t->routing.route = s->route < 0 ? KJ_ROUTE_HARD : (kj_route)s->route;
  if (t->routing.route == KJ_ROUTE_ORACLE)
    return kj__fail(err, KJ_EARGUMENT,
                    "--route oracle is for evaluate, which knows the kinds");
  return is_informed(t) ? check_informed(s, err) : KJ_OK;
}

static void name_members(cli_training *t)
{
  cli_members *m = &t->members;
  m->n = 1;
  m->settings = t->settings;
  for (int c = 0; cli_training_is_routed(t) && c < KJ_N_COMPONENTS; c++)
    if (c != KJ_COMPONENT_INFORMED || is_informed(t))
      strcpy(m->member[m->n++].name, kj_component_name((kj_component)c));
  for (; m->n < t->settings->members; m->n++)
    snprintf(m->member[m->n].name, sizeof m->member[m->n].name, "member%zu",
             m->n + 1);
}

static kj_status check_settings(cli_training *t, kj_error *err)
{
  const cli_settings *settings = t->settings;
  if (!settings->output)
    return kj__fail(err, KJ_EARGUMENT, "-o MODEL is missing");
  if (settings->smoothing > KJ_SMOOTHING_VAT)
    return kj__fail(err, KJ_EARGUMENT,
                    "--smoothing all is for cross-validate; train takes one "
                    "of none, noise, at, vat");
  if (settings->unlabelled && settings->smoothing != KJ_SMOOTHING_NOISE &&
      settings->smoothing != KJ_SMOOTHING_VAT)
    cli_note("--unlabelled: of no use but with --smoothing noise or vat; left "
             "out");
  kj_status status = check_kind(t, err);
  if (status == KJ_OK)
    status = read_folds("--intervals", settings->intervals, &t->intervals, err);
  if (status == KJ_OK)
    status = read_folds("--novelty", settings->novelty, &t->novelty, err);
  if (status == KJ_OK)
    status = read_folds("--gate-folds", settings->gate_folds, &t->routing.folds,
                        err);
  if (status != KJ_OK)
    return status;
  name_members(t);
  return cli_read_interval(settings->checkpoint_every, &t->members.every, err);
}

/* ---- data ---- */

/* The pieces of a step are enough for a few threads, not for any number. */
static size_t choose_threads(const cli_settings *settings)
{
  const size_t n_processors = kj__pool_processors();
  if (settings->threads > 0)
    return (size_t)settings->threads;
  return n_processors < MOST_THREADS ? n_processors : MOST_THREADS;
}

static kj_status read_options(cli_training *t, size_t n_targets, kj_error *err)
{
  kj_routing_options *r = &t->routing;
  kj_status status = cli_read_fit(t->settings, n_targets, &r->fit, err);
  r->fit.n_threads = r->n_threads = choose_threads(t->settings);
  if (status == KJ_OK && t->settings->kind != CLI_KIND_ESTIMATOR)
    status = cli_read_gate(t->settings, &r->fit, &r->gate, err);
  return status;
}

static kj_status load(cli_training *t, kj_error *err)
{
  kj_target_spec targets[KJ_MAX_TARGETS];
  size_t n_targets;
  kj_status status = cli_read_targets(t->settings, targets, &n_targets, err);
  if (status == KJ_OK)
    status = read_options(t, n_targets ? n_targets : 1, err);
  if (status == KJ_OK)
    status = cli_read_sound(t->settings, &t->sound.set, &t->sound.audio, err);
  if (status == KJ_OK)
    status =
        cli_load_labelled(t->settings, t->settings->input.word[0], targets,
                          n_targets, &t->sound, &t->data, &t->n_dropped, err);
  if (status == KJ_OK)
    status = cli_load_unlabelled(t->settings, t->data, &t->unlabelled, err);
  if (status == KJ_OK && t->settings->kind != CLI_KIND_ESTIMATOR)
    status = kj_gate_view(t->data, &t->gate_view, err);
  return status == KJ_OK ? cli_training_check_folds(t, err) : status;
}

/* What gates say of voices that they have not heard. */
static kj_status ask_gates(cli_training *t, kj_error *err)
{
  cli_progress progress = cli_progress_start(t->settings->progress);
  t->probability = calloc(t->data->n_rows, sizeof *t->probability);
  if (!t->probability)
    return kj__fail_memory(err, "what the gates say");
  t->routing.progress = cli_training_show_fits;
  t->routing.stop = cli_stop;
  t->routing.context = &progress;
  kj_status status = kj_gate_out_of_fold(t->data, t->unlabelled, &t->routing,
                                         t->probability, err);
  cli_progress_end(&progress);
  if (status == KJ_OK)
    return kj_informed_view(t->data, t->probability, &t->informed_view, err);
  return status == KJ_EINTERRUPTED ? status
                                   : kj__fail_in(err, status, "--gate-folds");
}

static kj_status list_kinds(cli_training *t, kj_rows rows[2], kj_error *err)
{
  const size_t n_rows = t->data->n_rows;
  for (int kind = 0; kind < 2; kind++) {
    t->of_kind[kind] = calloc(n_rows, sizeof *t->of_kind[kind]);
    if (!t->of_kind[kind])
      return kj__fail_memory(err, "the rows of a kind");
    kj_rows_of_kind(t->data, (kj_rows){NULL, n_rows}, kind, t->of_kind[kind],
                    &rows[kind].n);
    rows[kind].index = t->of_kind[kind];
  }
  const size_t n_unknown = n_rows - rows[0].n - rows[1].n;
  if (n_unknown > 0)
    cli_note("%s: %zu rows of unknown kind; only the estimator of all speech "
             "learns from them",
             t->data->path, n_unknown);
  return KJ_OK;
}

static void give(cli_member *m, const kj_dataset *data, kj_rows rows,
                 const kj_fit_options *options)
{
  m->data = data;
  m->rows = rows;
  m->options = *options;
}

/* The other members of an ensemble: the same with seeds of their own. */
static void give_members(cli_training *t)
{
  cli_member *const m = t->members.member;
  for (size_t i = 1; i < t->settings->members; i++) {
    give(&m[i], m[CLI_WHOLE].data, m[CLI_WHOLE].rows, &m[CLI_WHOLE].options);
    m[i].options.seed += i;
  }
}

static kj_status give_components(cli_training *t, kj_error *err)
{
  cli_member *const component = t->members.member + CLI_FIRST_COMPONENT;
  const kj_rows all = {NULL, t->data->n_rows};
  kj_rows kind[2] = {{NULL, 0}, {NULL, 0}};
  kj_status status = list_kinds(t, kind, err);
  if (status == KJ_OK && is_informed(t))
    status = ask_gates(t, err);
  if (status != KJ_OK)
    return status;
  for (int k = 0; k < 2; k++)
    give(&component[k], t->data, kind[k], &t->routing.fit);
  give(&component[KJ_COMPONENT_GATE], &t->gate_view, all, &t->routing.gate);
  if (is_informed(t))
    give(&component[KJ_COMPONENT_INFORMED], &t->informed_view, all,
         &t->routing.fit);
  return KJ_OK;
}

static kj_status give_rows(cli_training *t, kj_error *err)
{
  cli_member *const whole = &t->members.member[CLI_WHOLE];
  const kj_rows all = {NULL, t->data->n_rows};
  if (t->settings->kind == CLI_KIND_GATE)
    give(whole, &t->gate_view, all, &t->routing.gate);
  else
    give(whole, t->data, all, &t->routing.fit);
  give_members(t);
  return cli_training_is_routed(t) ? give_components(t, err) : KJ_OK;
}

static kj_status set_up(cli_training *t, kj_error *err)
{
  const kj_unlabelled unlabelled = {
      t->unlabelled, {NULL, t->unlabelled ? t->unlabelled->n_rows : 0}};
  const kj_status status = give_rows(t, err);
  return status == KJ_OK
             ? cli_members_create(&t->members,
                                  t->unlabelled ? &unlabelled : NULL, err)
             : status;
}

static void release(cli_training *t)
{
  cli_members_clear(&t->members);
  kj_informed_view_clear(&t->informed_view);
  kj_gate_view_clear(&t->gate_view);
  free(t->of_kind[0]);
  free(t->of_kind[1]);
  free(t->probability);
  kj_dataset_destroy(t->data);
  kj_dataset_destroy(t->unlabelled);
}

int cli_train(const cli_settings *settings)
{
  kj_error err;
  cli_training t = {.settings = settings};
  cli_catch_interrupts();
  kj_status status = check_settings(&t, &err);
  if (status == KJ_OK)
    status = cli_members_claim(&t.members, &err);
  if (status == KJ_OK)
    status = load(&t, &err);
  if (status == KJ_OK)
    status = set_up(&t, &err);
  if (status == KJ_OK)
    status = cli_members_run(&t.members, &err);
  if (status == KJ_OK)
    status = cli_training_write(&t, &err);
  const size_t n_dropped = t.n_dropped;
  release(&t);
  if (status != KJ_OK)
    return cli_fail(&err);
  return n_dropped > 0 ? CLI_SOME_FAILED : CLI_DONE;
}
