/*
 * names.c: smoothings, directions and precisions by name, all from the lists
 * of the header.
 */
#include "kanjo/smoothing.h"

#include <string.h>

#define NAME_OF(id, name) [id] = name,
static const char *const SMOOTHING_NAME[] = {KJ_SMOOTHING_LIST(NAME_OF)};
static const char *const DIRECTION_NAME[] = {KJ_DIRECTION_LIST(NAME_OF)};
static const char *const PRECISION_NAME[] = {KJ_PRECISION_LIST(NAME_OF)};
#undef NAME_OF

enum {
  N_SMOOTHINGS = sizeof SMOOTHING_NAME / sizeof SMOOTHING_NAME[0],
  N_DIRECTIONS = sizeof DIRECTION_NAME / sizeof DIRECTION_NAME[0],
  N_PRECISIONS = sizeof PRECISION_NAME / sizeof PRECISION_NAME[0]
};

/* The index of `name` among n names, or n. */
static size_t find_name(const char *const *names, size_t n, const char *name)
{
  size_t index = 0;
  while (index < n && strcmp(names[index], name) != 0)
    index++;
  return index;
}

const char *kj_smoothing_name(kj_smoothing_kind kind)
{
  return (size_t)kind < N_SMOOTHINGS ? SMOOTHING_NAME[kind] : NULL;
}

bool kj_smoothing_find(const char *name, kj_smoothing_kind *kind)
{
  const size_t index = find_name(SMOOTHING_NAME, N_SMOOTHINGS, name);
  if (index == N_SMOOTHINGS)
    return false;
  *kind = (kj_smoothing_kind)index;
  return true;
}

const char *kj_direction_name(kj_direction direction)
{
  return (size_t)direction < N_DIRECTIONS ? DIRECTION_NAME[direction] : NULL;
}

bool kj_direction_find(const char *name, kj_direction *direction)
{
  const size_t index = find_name(DIRECTION_NAME, N_DIRECTIONS, name);
  if (index == N_DIRECTIONS)
    return false;
  *direction = (kj_direction)index;
  return true;
}

const char *kj_precision_name(kj_precision precision)
{
  return (size_t)precision < N_PRECISIONS ? PRECISION_NAME[precision] : NULL;
}

bool kj_precision_find(const char *name, kj_precision *precision)
{
  const size_t index = find_name(PRECISION_NAME, N_PRECISIONS, name);
  if (index == N_PRECISIONS)
    return false;
  *precision = (kj_precision)index;
  return true;
}
