/*
 * folds.c: groups to folds in turn, in the order in which they first appear.
 */
#include "metrics/folds.h"

#include <stdlib.h>

static int by_group_then_row(const void *left, const void *right)
{
  const kj__member *a = left;
  const kj__member *b = right;
  if (a->group != b->group)
    return (a->group > b->group) - (a->group < b->group);
  return (a->row > b->row) - (a->row < b->row);
}

/* rank[i]: how many groups appear before that of row i does, first. Sorted by
 * group, each group's first member is where it first appears. */
static size_t rank_groups(const size_t *group, size_t n, kj__member *member,
                          size_t *rank)
{
  for (size_t i = 0; i < n; i++)
    member[i] = (kj__member){group[i], i};
  qsort(member, n, sizeof *member, by_group_then_row);

  for (size_t i = 0; i < n; i++)
    rank[member[i].row] =
        i == 0 || member[i].group != member[i - 1].group ? 1 : 0;
  size_t n_groups = 0;
  for (size_t i = 0; i < n; i++)
    if (rank[i] == 1)
      rank[i] = n_groups++;
  for (size_t i = 1; i < n; i++)
    if (member[i].group == member[i - 1].group)
      rank[member[i].row] = rank[member[i - 1].row];
  return n_groups;
}

size_t kj__folds_assign(const size_t *group, size_t n, size_t max_folds,
                        kj__member *member, size_t *fold)
{
  const size_t n_groups = group ? rank_groups(group, n, member, fold) : 1;
  const size_t n_parts = n_groups > 1 ? n_groups : n;
  const size_t n_folds = n_parts < max_folds ? n_parts : max_folds;
  for (size_t i = 0; i < n; i++)
    fold[i] = n_groups > 1 ? fold[i] % n_folds : i * n_folds / n;
  return n_folds;
}
