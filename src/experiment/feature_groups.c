/*
 * feature_groups.c: the columns of is09 as groups that a person can name.
 *
 * A column is CONTOUR "_sma" ["_de"] ["[K]"] "_" STATISTIC.
 */
#include "kanjo/explanation.h"

#include <string.h>

static const struct {
  const char *begin;
  kj_trait trait;
} CONTOURS[] = {{"pcm_RMSenergy_sma", KJ_TRAIT_ENERGY},
                {"pcm_fftMag_mfcc_sma", KJ_TRAIT_SPECTRUM},
                {"pcm_zcr_sma", KJ_TRAIT_VOICE},
                {"voiceProb_sma", KJ_TRAIT_VOICE},
                {"F0_sma", KJ_TRAIT_PITCH}};

static const struct {
  const char *name;
  kj_aspect aspect;
} STATISTICS[] = {
    {"max", KJ_ASPECT_LEVEL},        {"min", KJ_ASPECT_LEVEL},
    {"amean", KJ_ASPECT_LEVEL},      {"linregc2", KJ_ASPECT_LEVEL},
    {"range", KJ_ASPECT_RANGE},      {"stddev", KJ_ASPECT_RANGE},
    {"linregerrQ", KJ_ASPECT_RANGE}, {"linregc1", KJ_ASPECT_SLOPE},
    {"maxPos", KJ_ASPECT_SHAPE},     {"minPos", KJ_ASPECT_SHAPE},
    {"skewness", KJ_ASPECT_SHAPE},   {"kurtosis", KJ_ASPECT_SHAPE}};

#define N_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *kj_trait_name(kj_trait trait)
{
  static const char *const names[] = {
#define NAME_OF(id, name) name,
      KJ_TRAIT_LIST(NAME_OF)
#undef NAME_OF
  };
  return (unsigned)trait < KJ_N_TRAITS ? names[trait] : NULL;
}

const char *kj_aspect_name(kj_aspect aspect)
{
  static const char *const names[] = {
#define NAME_OF(id, name) name,
      KJ_ASPECT_LIST(NAME_OF)
#undef NAME_OF
  };
  return (unsigned)aspect < KJ_N_ASPECTS ? names[aspect] : NULL;
}

/* Past the contour's name, or NULL. */
static const char *read_contour(const char *column, kj_trait *trait)
{
  for (size_t i = 0; i < N_OF(CONTOURS); i++) {
    const size_t n = strlen(CONTOURS[i].begin);
    if (strncmp(column, CONTOURS[i].begin, n) == 0) {
      *trait = CONTOURS[i].trait;
      return column + n;
    }
  }
  return NULL;
}

static bool read_statistic(const char *name, kj_aspect *aspect)
{
  for (size_t i = 0; i < N_OF(STATISTICS); i++)
    if (strcmp(name, STATISTICS[i].name) == 0) {
      *aspect = STATISTICS[i].aspect;
      return true;
    }
  return false;
}

bool kj_feature_group_find(const char *column, kj_feature_group *group)
{
  kj_feature_group found;
  const char *rest = read_contour(column, &found.trait);
  if (!rest)
    return false;
  const bool is_delta = strncmp(rest, "_de", 3) == 0;
  rest += is_delta ? 3 : 0;
  if (*rest == '[')
    rest += strcspn(rest, "_");
  if (*rest != '_' || !read_statistic(rest + 1, &found.aspect))
    return false;
  if (is_delta)
    found.aspect = KJ_ASPECT_MOVEMENT;
  *group = found;
  return true;
}
