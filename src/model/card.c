/*
 * card.c: the model card for people, as Markdown.
 *
 * What comes from the file is a stranger's text: control characters are left
 * out, and inside a table so is what would break it.
 */
#define _POSIX_C_SOURCE 200809L /* open_memstream */
#include "kanjo/model.h"

#include "base/error.h"
#include "estimator/parts.h"
#include "model/card_print.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the head ---- */

static void print_title(FILE *out, const kj_estimator_parts *parts)
{
  fputs("# Kanjo model: ", out);
  for (size_t k = 0; k < parts->n_targets; k++) {
    if (k > 0)
      fputs(k + 1 < parts->n_targets ? ", " : " and ", out);
    kj__print_cell(out, parts->target[k]);
  }
  fputs("\n\n", out);
}

static void print_paragraph(FILE *out, const char *heading, const char *text)
{
  if (heading)
    fprintf(out, "## %s\n\n", heading);
  kj__print_text(out, text[0] ? text : "Not stated.");
  fputs("\n\n", out);
}

/* ---- what goes in and what comes out ---- */

static size_t part_of_target(const kj_estimator_parts *parts, size_t target)
{
  size_t p = 0;
  while (p + 1 < parts->n_parts && parts->part[p + 1].first_target <= target)
    p++;
  return p;
}

static void print_targets(FILE *out, const kj_estimator_parts *parts)
{
  static const char *const WHAT[] = {
      [KJ_LINK_IDENTITY] =
          "How a voice sounds, in numbers from 1 to 5: slope times the "
          "network's output plus offset.",
      [KJ_LINK_LOGIT] =
          "The probability that speech is spontaneous, and not acted or read: "
          "1 / (1 + exp(-z)), z slope times the network's output plus offset."};
  fprintf(out,
          "## What it estimates\n\n%s\n\n"
          "| target | network | slope | offset |\n|---|---|---|---|\n",
          WHAT[parts->link]);
  for (size_t k = 0; k < parts->n_targets; k++) {
    fputs("| ", out);
    kj__print_cell(out, parts->target[k]);
    fprintf(out, " | %zu | ", part_of_target(parts, k));
    kj__print_number(out, parts->slope[k]);
    fputs(" | ", out);
    kj__print_number(out, parts->offset[k]);
    fputs(" |\n", out);
  }
  fputc('\n', out);
}

/* Who is heard. */
static void print_route(FILE *out, const kj_routing *routing)
{
  static const char *const WHO[] = {
      [KJ_ROUTE_PLAIN] = "the estimator of all speech",
      [KJ_ROUTE_HARD] = "the expert for the kind that the gate finds likelier",
      [KJ_ROUTE_SOFT] = "both experts, each as much as the gate believes in it",
      [KJ_ROUTE_ORACLE] = "the expert for the true kind",
      [KJ_ROUTE_FEATURES] =
          "an estimator that reads the gate's probability as a feature"};
  if (!routing->component[KJ_COMPONENT_GATE])
    return;
  fprintf(out,
          "A gate tells spontaneous from scripted speech, and there is an "
          "expert for each. Values come from %s (route %s), unless another "
          "route is asked for. Gate and experts are described below.\n\n",
          WHO[routing->route], kj_route_name(routing->route));
}

static void print_share(FILE *out, double share)
{
  if (share < 0.0)
    fputs(" | -", out);
  else
    fprintf(out, " | %.1f %%", 100.0 * share);
}

static void print_intervals_head(FILE *out, bool is_relative)
{
  fprintf(out,
          "How far from ratings: half the width of the interval that holds so "
          "many of them%s, from the residuals of training speakers who were "
          "held out. It is measured, not promised, for a new speaker, and "
          "says nothing of other languages, rooms or ways of speaking.\n\n"
          "| target | 50 %% | 80 %% | 90 %% | 95 %% | residuals | speakers | "
          "the 90 %% of the others hold | of the worst speaker |\n"
          "|---|---|---|---|---|---|---|---|---|\n",
          is_relative
              ? ", as a multiple of the standard deviation beside each value"
              : "");
}

/* What is promised, and to whom. */
static void print_intervals(FILE *out, const kj_estimator_parts *parts)
{
  static const double LEVELS[] = {0.5, 0.8, 0.9, 0.95};
  bool is_headed = false;
  for (size_t k = 0; k < parts->n_targets; k++) {
    const kj_residuals *residuals = &parts->residuals[k];
    if (residuals->n_residuals == 0)
      continue;
    if (!is_headed)
      print_intervals_head(out, residuals->is_relative);
    is_headed = true;
    fputs("| ", out);
    kj__print_cell(out, parts->target[k]);
    for (size_t l = 0; l < sizeof LEVELS / sizeof LEVELS[0]; l++) {
      double half_width = 0.0;
      kj_residuals_half_width(residuals, LEVELS[l], &half_width, NULL);
      fputs(" | ", out);
      kj__print_number(out, half_width);
    }
    fprintf(out, " | %zu | %zu", residuals->n_residuals, residuals->n_speakers);
    print_share(out, residuals->covered);
    print_share(out, residuals->least_covered);
    fputs(" |\n", out);
  }
  fputs(is_headed ? "\n"
                  : "How sure it is was not measured (train --intervals).\n\n",
        out);
}

/* What is predicted beside the values. */
static void print_deviation(FILE *out, const kj_estimator_parts *parts)
{
  if (parts->predicts_sd)
    fputs("It predicts a standard deviation beside each value: how far ratings "
          "of such a recording lie from it, by the likelihood of the training "
          "rows.\n\n",
          out);
  if (parts->n_others > 0)
    fprintf(out,
            "It is an ensemble of %zu members, trained with seeds of their "
            "own; a value is their mean, and how far they are apart goes into "
            "the standard deviation beside it. Networks and training below are "
            "those of the first.\n\n",
            parts->n_others + 1);
}

static void print_novelty(FILE *out, const kj_novelty *novelty)
{
  if (novelty->n_rows == 0)
    return;
  fprintf(out,
          "It tells what is unlike its %zu training rows of %zu speakers: "
          "novelty above 1, as ",
          novelty->n_rows, novelty->n_speakers);
  kj__print_number(out, 100.0 * novelty->false_alarms);
  fputs(" % of rows of held-out speakers have it. Its values for such a "
        "recording, and their intervals, mean nothing.\n\n",
        out);
}

/* A table of features knows of no sound. */
static void print_audio(FILE *out, const kj_model_card *card)
{
  if (strcmp(card->feature_set, "table") == 0)
    return;
  fputs("* Sound: ", out);
  if (card->rate_hz > 0)
    fprintf(out, "resampled to %u Hz, ", card->rate_hz);
  else
    fputs("at its own sampling rate, ", out);
  if (card->channel < 0)
    fputs("the mean of all channels.\n", out);
  else
    fprintf(out, "channel %d (0 is left).\n", card->channel);
}

static size_t count_constant(const kj_scaler *scaler)
{
  size_t n = 0;
  for (size_t j = 0; j < scaler->n; j++)
    n += scaler->inverse_sd[j] <= 0.0f;
  return n;
}

static void print_scaler(FILE *out, const kj_estimator_parts *parts)
{
  static const char *const WHOSE[] = {
      "the training rows, which the file holds",
      "its own corpus, which the file cannot hold: a single recording cannot "
      "be estimated",
      "its own speaker, which the file cannot hold: a single recording cannot "
      "be estimated"};
  const size_t n_constant = count_constant(&parts->scaler);
  fprintf(out,
          "* Standardisation: by mean and standard deviation of %s; "
          "clipped to plus or minus ",
          WHOSE[parts->normalisation]);
  kj__print_number(out, (double)parts->scaler.clip);
  fputs(" standard deviations.\n", out);
  if (n_constant > 0)
    fprintf(out,
            "* Unused: %zu of %zu columns, constant in the training "
            "rows.\n",
            n_constant, parts->scaler.n);
}

static void print_input(FILE *out, const kj_estimator_parts *parts,
                        const kj_model_card *card)
{
  fputs("## What it needs\n\n* Features: set ", out);
  kj__print_cell(out, card->feature_set);
  fprintf(out, ", version %u, %zu columns (", card->feature_set_version,
          card->n_columns);
  kj__print_cell(out, card->column[0]);
  fputs(" to ", out);
  kj__print_cell(out, card->column[card->n_columns - 1]);
  fputs(").\n", out);
  print_audio(out, card);
  print_scaler(out, parts);
  fputc('\n', out);
}

/* ---- what is inside ---- */

static void print_network(FILE *out, const kj_estimator_parts *parts, size_t p)
{
  const kj_network *net = parts->part[p].network;
  const kj_network_shape *shape = &net->shape;
  const size_t first = parts->part[p].first_target;
  fprintf(out, "| %zu | ", p);
  for (size_t k = 0; k < kj__part_targets(parts, p); k++) {
    fputs(k > 0 ? ", " : "", out);
    kj__print_cell(out, parts->target[first + k]);
  }
  fprintf(out, " | %zu", shape->width[0]);
  for (size_t l = 1; l <= shape->n_layers; l++)
    fprintf(out, "-%zu", shape->width[l]);
  fprintf(out, " | %s | %zu |\n", kj_activation_name(shape->output),
          net->n_parameters);
}

static void print_networks(FILE *out, const kj_estimator_parts *parts,
                           const kj_model_card *card)
{
  static const char *const HOW[] = {
      [KJ_WEIGHTS_FP32] = "",
      [KJ_WEIGHTS_BF16] = ", rounded to 8 bits of mantissa",
      [KJ_WEIGHTS_INT8] =
          ", in steps of a size for each unit; inputs of 16 bits"};
  fprintf(out, "## Networks\n\nMethod: %s. Weights: %s%s.\n\n", card->method,
          kj_weights_name(parts->weights), HOW[parts->weights]);
  fputs("| network | targets | layers | output | parameters |\n"
        "|---|---|---|---|---|\n",
        out);
  for (size_t p = 0; p < parts->n_parts; p++)
    print_network(out, parts, p);
  fputc('\n', out);
}

/* ---- what must be said ---- */

static void print_warnings(FILE *out, const kj_estimator_parts *parts)
{
  fputs(
      "## What it is not\n\n"
      "* Not a reader of minds: it estimates how a voice sounds to people like "
      "those who rated the training speech, not what the speaker feels.\n"
      "* Not a ground for decisions about a person: at work, at school, in "
      "court, in medicine or insurance.\n"
      "* Not for inferring emotions of people at a workplace or in education: "
      "Regulation (EU) 2024/1689 (AI Act), article 5(1)(f), forbids it in the "
      "EU, but for medical or safety reasons.\n"
      "* Not tested beyond the speech of its training record: other languages, "
      "ages, rooms, microphones and acted or spontaneous speech may give other "
      "errors.\n",
      out);
  bool is_plain = true;
  for (size_t k = 0; k < parts->n_targets; k++)
    is_plain = is_plain && !(parts->slope[k] < 1.0 || parts->slope[k] > 1.0 ||
                             parts->offset[k] < 0.0 || parts->offset[k] > 0.0);
  if (is_plain && parts->link == KJ_LINK_IDENTITY)
    fputs("* Not calibrated: slopes are 1 and offsets 0, so values may lie too "
          "close to the mean.\n",
          out);
  fputc('\n', out);
}

/* What differs from one component to the next. */
static bool print_components(FILE *out, const kj_routing *routing,
                             const kj_model_card *card)
{
  bool is_done = true;
  for (size_t c = 0; c < KJ_N_COMPONENTS && is_done; c++) {
    if (!card->component[c])
      continue;
    const kj_estimator_parts *parts =
        kj_estimator_get_parts(routing->component[c]);
    fprintf(out, "# Component: %s\n\n", kj_component_name((kj_component)c));
    kj__print_text(out, card->component[c]->description);
    fputs("\n\n", out);
    print_targets(out, parts);
    print_networks(out, parts, card->component[c]);
    is_done = kj__print_records(out, card->component[c]->training_json,
                                card->component[c]->history_json);
  }
  return is_done;
}

static bool print_card(FILE *out, const kj_model *model)
{
  const kj_model_card *card = kj_model_get_card(model);
  const kj_estimator_parts *parts =
      kj_estimator_get_parts(kj_model_estimator(model));
  print_title(out, parts);
  print_paragraph(out, NULL, card->description);
  print_paragraph(out, "Intended use", card->intended_use);
  print_paragraph(out, "Licence", card->licence);
  print_targets(out, parts);
  print_route(out, &parts->routing);
  print_deviation(out, parts);
  if (parts->link == KJ_LINK_IDENTITY)
    print_intervals(out, parts);
  print_novelty(out, &parts->novelty);
  print_input(out, parts, card);
  print_networks(out, parts, card);
  bool is_done =
      kj__print_records(out, card->training_json, card->history_json);
  print_warnings(out, parts);
  is_done = is_done && print_components(out, &parts->routing, card);
  fprintf(out, "Model file format %s, written by Kanjo ",
          parts->weights == KJ_WEIGHTS_FP32 ? KJ_MODEL_FORMAT_VERSION
                                            : KJ_MODEL_FORMAT_VERSION_NARROW);
  kj__print_cell(out, kj_model_kanjo_version(model));
  fputs(".\n", out);
  return is_done;
}

kj_status kj_model_card_markdown(const kj_model *model, char **text,
                                 kj_error *err)
{
  char *buffer = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&buffer, &size);
  if (!out)
    return kj__fail_memory(err, "a model card");
  const bool is_done = print_card(out, model) && !ferror(out);
  if (fclose(out) != 0 || !is_done) {
    free(buffer);
    return kj__fail_memory(err, "a model card");
  }
  *text = buffer;
  return KJ_OK;
}
