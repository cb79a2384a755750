/*
 * work.c: pieces of several works, counted through.
 */
#include "smoothing/work.h"

typedef struct list {
  const kj__work *works;
} list;

static size_t pieces_of(const kj__work *work)
{
  return (work->n + work->grain - 1) / work->grain;
}

static void run_piece(void *context, size_t piece)
{
  const list *l = context;
  const kj__work *work = l->works;
  for (; piece >= pieces_of(work); work++)
    piece -= pieces_of(work);
  const size_t first = piece * work->grain;
  const size_t left = work->n - first;
  work->run(work->context, first,
            first + (left < work->grain ? left : work->grain));
}

void kj__work_run(kj__crew *crew, const kj__work *works, size_t n_works)
{
  if (kj__crew_threads(crew) == 1) {
    for (size_t i = 0; i < n_works; i++)
      if (works[i].n > 0)
        works[i].run(works[i].context, 0, works[i].n);
    return;
  }
  list l = {works};
  size_t n_pieces = 0;
  for (size_t i = 0; i < n_works; i++)
    n_pieces += pieces_of(&works[i]);
  kj__crew_run(crew, n_pieces, run_piece, &l);
}
