/*
 * tables.c: truth and readme.
 */
#include "corpus/synth/tables.h"

#include "base/file.h"

#include <inttypes.h>
#include <math.h>

static const char *const CUE_NAMES[KJ__SYNTH_N_CUES] = {
#define KJ__SYNTH_CUE_NAME(id, name) name,
    KJ__SYNTH_CUE_LIST(KJ__SYNTH_CUE_NAME)};

/* With three digits after the point, whatever the locale has there. */
static void write_number(FILE *f, double value)
{
  const long long thousandths = llround(value * 1000.0);
  const unsigned long long size = thousandths < 0
                                      ? 0ULL - (unsigned long long)thousandths
                                      : (unsigned long long)thousandths;
  fprintf(f, ",%s%llu.%03llu", thousandths < 0 ? "-" : "", size / 1000,
          size % 1000);
}

kj_status kj__synth_truth_write(const kj__synth_folder *folder,
                                const kj__synth_part *part, kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(
      &output, kj__synth_path_of_part(folder, part, "truth.csv").text, err);
  if (status != KJ_OK)
    return status;
  FILE *f = output.stream;
  fputs("utterance,spontaneous,valence,activation,dominance", f);
  for (size_t c = 0; c < KJ__SYNTH_N_CUES; c++)
    fprintf(f, ",%s", CUE_NAMES[c]);
  fputs("\n", f);
  for (size_t i = 0; i < part->n_utterances; i++) {
    const kj__synth_utterance *u = &part->utterance[i];
    fprintf(f, "%s,%d", u->name, u->is_spontaneous);
    for (size_t k = 0; k < KJ__SYNTH_N_DIMENSIONS; k++)
      write_number(f, u->truth[k]);
    for (size_t c = 0; c < KJ__SYNTH_N_CUES; c++)
      write_number(f, u->voice.cue[c]);
    fputs("\n", f);
  }
  return kj__output_commit(&output, err);
}

kj_status kj__synth_readme_write(const kj__synth_folder *folder,
                                 const kj_synthesis_options *options,
                                 const char *program, kj_error *err)
{
  kj__output output;
  const kj_status status = kj__output_open(
      &output, kj__synth_path_of(folder, "README.md").text, err);
  if (status != KJ_OK)
    return status;
  fprintf(
      output.stream,
      "# SYNTHETIC speech\n\n"
      "No person speaks here, and no person rated it. A speech synthesizer\n"
      "says everyday sentences in voices whose speed, pitch, pitch range,\n"
      "level and brightness follow from an emotion that was drawn by chance;\n"
      "the raters are simulated. It serves to rehearse experiments. What is\n"
      "measured on it says nothing of people.\n\n"
      "Made by Kanjo " KANJO_VERSION " (docs/synthetic.md has the formulas)\n"
      "with %s:\n\n"
      "    kanjo corpus synth -o DIR --seed %" PRIu64 " --languages %s \\\n"
      "      --utterances %zu --speakers %zu --spontaneity-shift %s\n\n"
      "A folder for each language: `labels.csv` (the ratings), `audio/`, and\n"
      "`truth.csv` (the emotions and voices that were drawn).\n",
      program, options->seed, options->languages, options->n_utterances,
      options->n_speakers, options->spontaneity_shift ? "on" : "off");
  return kj__output_commit(&output, err);
}
