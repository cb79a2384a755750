/*
 * labels.c: what the simulated raters answered, as a standard table.
 */
#include "corpus/synth/tables.h"

#include "base/file.h"

#include <math.h>
#include <string.h>

static const char HEADER[] =
    "file,start,end,utterance,speaker,gender,session,language,corpus,text,"
    "spontaneous,emotion,valence,activation,dominance,valence_sd,"
    "activation_sd,dominance_sd,valence_ratings,activation_ratings,"
    "dominance_ratings,scale,part\n";

/* With a point, whatever the locale has there. */
static void write_number(FILE *f, double value)
{
  char text[32];
  snprintf(text, sizeof text, "%.9g", value);
  for (char *c = text; *c; c++)
    putc(strchr("0123456789-+e", *c) ? *c : '.', f);
}

static double mean_of(const double *rating)
{
  double sum = 0.0;
  for (size_t r = 0; r < KJ__SYNTH_N_RATERS; r++)
    sum += rating[r];
  return sum / KJ__SYNTH_N_RATERS;
}

/* Standard deviation, with n - 1. */
static double sd_of(const double *rating)
{
  const double mean = mean_of(rating);
  double sum = 0.0;
  for (size_t r = 0; r < KJ__SYNTH_N_RATERS; r++)
    sum += (rating[r] - mean) * (rating[r] - mean);
  return sqrt(sum / (KJ__SYNTH_N_RATERS - 1));
}

/* Means, standard deviations, single ratings: a cell for each dimension. */
static void write_ratings(FILE *f, const kj__synth_utterance *u)
{
  for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++) {
    putc(',', f);
    write_number(f, mean_of(u->rating[k]));
  }
  for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++) {
    putc(',', f);
    write_number(f, sd_of(u->rating[k]));
  }
  for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++)
    for (size_t r = 0; r < KJ__SYNTH_N_RATERS; r++) {
      putc(r == 0 ? ',' : ';', f);
      write_number(f, u->rating[k][r]);
    }
}

/* No name or sentence holds a quote; two speakers talk in a session. */
static void write_row(FILE *f, const kj__synth_part *part,
                      const kj__synth_utterance *u)
{
  const kj__synth_language *language = part->language;
  const kj__synth_speaker *speaker = &part->speaker[u->speaker];
  fprintf(f, "audio/%s.wav,,,%s,%s,%c,%s-%02zu,%s,%s,\"%s\",%d,%s", u->name,
          u->name, speaker->name, speaker->is_female ? 'f' : 'm',
          language->code, u->speaker / 2 + 1, language->code, language->corpus,
          u->text, u->is_spontaneous, kj__synth_emotion_word(u->truth));
  write_ratings(f, u);
  fprintf(f, ",1:%d,\n", language->scale_high);
}

kj_status kj__synth_labels_write(const kj__synth_folder *folder,
                                 const kj__synth_part *part, kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(
      &output, kj__synth_path_of_part(folder, part, "labels.csv").text, err);
  if (status != KJ_OK)
    return status;
  fputs(HEADER, output.stream);
  for (size_t i = 0; i < part->n_utterances; i++)
    write_row(output.stream, part, &part->utterance[i]);
  return kj__output_commit(&output, err);
}
