/*
 * nearest.c: the names that take the fewest edits (Levenshtein 1966), where
 * one that holds the other, as valence_0_100 holds valence, is one edit away.
 */
#define _GNU_SOURCE
#include "corpus/nearest.h"

#include "corpus/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum {
  N_NEAREST = 3,
  LETTERS = 64 /* compared of each name */
};

typedef struct candidate {
  size_t name; /* its number */
  size_t edits;
} candidate;

static size_t least(size_t a, size_t b, size_t c)
{
  const size_t ab = a < b ? a : b;
  return ab < c ? ab : c;
}

static size_t distance(const char *a, const char *b)
{
  if (strstr(a, b) || strstr(b, a))
    return 1;
  const size_t n_a = strnlen(a, LETTERS), n_b = strnlen(b, LETTERS);
  size_t row[LETTERS + 1];
  for (size_t j = 0; j <= n_b; j++)
    row[j] = j;
  for (size_t i = 1; i <= n_a; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= n_b; j++) {
      const size_t above = row[j];
      row[j] =
          least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
      diagonal = above;
    }
  }
  return row[n_b];
}

/* Put name i among the best so far; their number afterwards. */
static size_t insert(candidate *best, size_t n_best, size_t i, size_t edits)
{
  size_t at = n_best;
  while (at > 0 && edits < best[at - 1].edits)
    at--;
  if (at == N_NEAREST)
    return n_best;
  const size_t n = n_best < N_NEAREST ? n_best + 1 : N_NEAREST;
  for (size_t k = n - 1; k > at; k--)
    best[k] = best[k - 1];
  best[at] = (candidate){i, edits};
  return n;
}

void kj__nearest(char *dst, size_t size, const char *wanted, const char *also,
                 const char *const *names, size_t n)
{
  candidate best[N_NEAREST];
  size_t n_best = 0, used = 0;
  for (size_t i = 0; i < n; i++) {
    const size_t first = distance(names[i], wanted);
    const size_t second = also ? distance(names[i], also) : first;
    n_best = insert(best, n_best, i, first < second ? first : second);
  }
  snprintf(dst, size, "none");
  for (size_t k = 0; k < n_best && used < size; k++) {
    char shown[48];
    kj__utf8_shorten(shown, sizeof shown, names[best[k].name]);
    const int length =
        snprintf(dst + used, size - used, "%s%s", k > 0 ? ", " : "", shown);
    used += length > 0 ? (size_t)length : 0;
  }
}
