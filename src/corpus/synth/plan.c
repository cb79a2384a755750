/*
 * plan.c: the draws. Each kind has a stream of its own for each utterance, so
 * that nothing depends on what was drawn for another.
 *
 * Emotions, with independent standard normal z: valence 3 + 0.95 z1,
 * activation 3 + 0.85 z2, dominance 3 + 0.8 (0.2 z1 + 0.6 z2 + 0.77 z3),
 * limited to 1..5: spread and correlation as in acted dialogue. A rater hears
 * the emotion with an error of N(0, 0.5) and answers with the nearest step of
 * the scale.
 */
#include "corpus/synth/plan.h"

#include "base/error.h"
#include "corpus/synth/words.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double MEAN = 3.0, LOW = 1.0, HIGH = 5.0;
static const double VALENCE_SD = 0.95, ACTIVATION_SD = 0.85;
static const double DOMINANCE_SD = 0.8;
static const double DOMINANCE_OF[] = {0.2, 0.6, 0.77};
static const double RATER_SD = 0.5;
static const double P_SPONTANEOUS = 0.48; /* as in IEMOCAP */
static const double NEUTRAL = 0.5;        /* as near to the middle as that */

/* What a stream is for: the low bits of its first index. */
enum { SPEAKER, EMOTION, RATING, VOICE, WORDS, NOISE, N_KINDS = 16 };

static kj__random stream(uint64_t seed, const kj__synth_language *language,
                         unsigned kind, size_t index)
{
  const size_t number = (size_t)(language - KJ__SYNTH_LANGUAGES);
  return kj__random_stream(seed, KJ__PURPOSE_SYNTHESIS, number * N_KINDS + kind,
                           index);
}

static double limited(double value)
{
  return fmin(fmax(value, LOW), HIGH);
}

static void draw_emotion(double truth[], kj__random *random)
{
  double z[KJ__SYNTH_N_DIMENSIONS], of_dominance = 0.0;
  for (size_t i = 0; i < KJ__SYNTH_N_DIMENSIONS; i++) {
    z[i] = kj__random_normal(random);
    of_dominance += DOMINANCE_OF[i] * z[i];
  }
  truth[KJ__SYNTH_VALENCE] = limited(MEAN + VALENCE_SD * z[KJ__SYNTH_VALENCE]);
  truth[KJ__SYNTH_ACTIVATION] =
      limited(MEAN + ACTIVATION_SD * z[KJ__SYNTH_ACTIVATION]);
  truth[KJ__SYNTH_DOMINANCE] = limited(MEAN + DOMINANCE_SD * of_dominance);
}

/* One answer: 1, 2, ... up to scale_high. */
static double rate(double truth, int scale_high, kj__random *random)
{
  const double heard = limited(truth + RATER_SD * kj__random_normal(random));
  return 1.0 + nearbyint((heard - LOW) * (scale_high - 1) / (HIGH - LOW));
}

static kj_status draw_words(kj__synth_plan *plan, const kj__synth_part *part,
                            kj__synth_utterance *u, kj__random random,
                            kj_error *err)
{
  kj__synth_words words;
  kj__synth_words_draw(part->language, u->is_spontaneous, &random, &words);
  u->text = kj__arena_text(plan->arena, words.text);
  u->markup = kj__arena_text(plan->arena, words.markup);
  return u->text && u->markup ? KJ_OK : kj__fail_memory(err, "sentences");
}

static kj_status plan_utterance(kj__synth_plan *plan, kj__synth_part *part,
                                size_t index,
                                const kj_synthesis_options *options,
                                kj_error *err)
{
  const kj__synth_language *language = part->language;
  kj__synth_utterance *u = &part->utterance[index];
  kj__random emotion = stream(options->seed, language, EMOTION, index);
  kj__random rating = stream(options->seed, language, RATING, index);
  kj__random voice = stream(options->seed, language, VOICE, index);
  u->speaker = index % part->n_speakers;
  const kj__synth_speaker *speaker = &part->speaker[u->speaker];
  snprintf(u->name, sizeof u->name, "%s-%04zu", speaker->name,
           index / part->n_speakers + 1);
  draw_emotion(u->truth, &emotion);
  u->is_spontaneous = kj__random_uniform(&emotion) < P_SPONTANEOUS;
  for (size_t i = 0; i < KJ__SYNTH_N_DIMENSIONS; i++)
    for (size_t r = 0; r < KJ__SYNTH_N_RATERS; r++)
      u->rating[i][r] = rate(u->truth[i], language->scale_high, &rating);
  u->voice = kj__synth_voice_draw(
      speaker, u->truth, u->is_spontaneous && options->spontaneity_shift,
      &voice);
  u->noise = stream(options->seed, language, NOISE, index);
  return draw_words(plan, part, u,
                    stream(options->seed, language, WORDS, index), err);
}

static kj_status plan_part(kj__synth_plan *plan, kj__synth_part *part,
                           const kj_synthesis_options *options, kj_error *err)
{
  part->n_speakers = options->n_speakers;
  part->n_utterances = options->n_utterances;
  part->speaker =
      kj__arena_take(plan->arena, part->n_speakers, sizeof *part->speaker);
  part->utterance =
      kj__arena_take(plan->arena, part->n_utterances, sizeof *part->utterance);
  if (!part->speaker || !part->utterance)
    return kj__fail_memory(err, "the plan of a synthetic corpus");
  for (size_t s = 0; s < part->n_speakers; s++) {
    kj__random random = stream(options->seed, part->language, SPEAKER, s);
    part->speaker[s] = kj__synth_speaker_draw(
        part->language->code, part->language->first_voice, s, &random);
  }
  kj_status status = KJ_OK;
  for (size_t i = 0; i < part->n_utterances && status == KJ_OK; i++)
    status = plan_utterance(plan, part, i, options, err);
  return status;
}

/* ---- which languages ---- */

static kj_status add_language(kj__synth_plan *plan, const char *code, size_t n,
                              kj_error *err)
{
  for (size_t p = 0; p < plan->n_parts; p++)
    if (strlen(plan->part[p].language->code) == n &&
        memcmp(plan->part[p].language->code, code, n) == 0)
      return kj__fail(err, KJ_EARGUMENT, "languages: %.*s is there twice",
                      (int)n, code);
  for (size_t i = 0; i < KJ__SYNTH_N_LANGUAGES; i++) {
    const kj__synth_language *language = &KJ__SYNTH_LANGUAGES[i];
    if (strlen(language->code) != n || memcmp(language->code, code, n) != 0)
      continue;
    plan->part[plan->n_parts++].language = language;
    return KJ_OK;
  }
  return kj__fail(err, KJ_EARGUMENT,
                  "languages: \"%.*s\" is none of those there are: en, ja",
                  (int)n, code);
}

static kj_status read_languages(kj__synth_plan *plan, const char *text,
                                kj_error *err)
{
  for (;;) {
    const size_t n = strcspn(text, ",");
    const kj_status status = add_language(plan, text, n, err);
    if (status != KJ_OK || text[n] == '\0')
      return status;
    text += n + 1;
  }
}

static kj_status check_options(const kj_synthesis_options *o, kj_error *err)
{
  if (!o->languages)
    return kj__fail(err, KJ_EARGUMENT, "languages is NULL");
  if (o->n_speakers < 2 || o->n_speakers > KJ_SYNTHESIS_MAX_SPEAKERS)
    return kj__fail(err, KJ_EARGUMENT, "n_speakers is %zu; must be 2..%d",
                    o->n_speakers, KJ_SYNTHESIS_MAX_SPEAKERS);
  if (o->n_utterances < o->n_speakers ||
      o->n_utterances > KJ_SYNTHESIS_MAX_UTTERANCES)
    return kj__fail(err, KJ_EARGUMENT,
                    "n_utterances is %zu; must be %zu (one a speaker)..%d",
                    o->n_utterances, o->n_speakers,
                    KJ_SYNTHESIS_MAX_UTTERANCES);
  return KJ_OK;
}

kj_status kj__synth_plan_create(const kj_synthesis_options *options,
                                kj__synth_plan *plan, kj_error *err)
{
  *plan = (kj__synth_plan){0};
  kj_status status = check_options(options, err);
  if (status == KJ_OK)
    status = read_languages(plan, options->languages, err);
  if (status == KJ_OK && !(plan->arena = kj__arena_create()))
    status = kj__fail_memory(err, "the plan of a synthetic corpus");
  for (size_t p = 0; p < plan->n_parts && status == KJ_OK; p++) {
    status = plan_part(plan, &plan->part[p], options, err);
    plan->n_utterances += plan->part[p].n_utterances;
  }
  if (status != KJ_OK)
    kj__synth_plan_clear(plan);
  return status;
}

void kj__synth_plan_clear(kj__synth_plan *plan)
{
  kj__arena_destroy(plan->arena);
  *plan = (kj__synth_plan){0};
}

const char *kj__synth_emotion_word(const double emotion[])
{
  const double v = emotion[KJ__SYNTH_VALENCE] - MEAN;
  const double a = emotion[KJ__SYNTH_ACTIVATION] - MEAN;
  if (fabs(v) < NEUTRAL && fabs(a) < NEUTRAL)
    return "neutral";
  if (v >= 0.0)
    return a >= 0.0 ? "happy" : "calm";
  return a >= 0.0 ? "angry" : "sad";
}
