/*
 * fuzz_import_audformat.c: any bytes as the header of a database of audformat,
 * and as a time. What is read must be as the header promises.
 */
#include "corpus/import/audformat.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
  if (!condition)
    abort();
}

static void check_header(const kj__audformat *header)
{
  require(header->n_tables > 0 && header->name && header->language);
  for (size_t i = 0; i < header->n_schemes; i++) {
    require(header->scheme[i].name != NULL);
    require(!isinf(header->scheme[i].minimum));
    require(!isinf(header->scheme[i].maximum));
    for (size_t l = 0; l < header->scheme[i].n_labels; l++)
      require(header->scheme[i].label[l].value != NULL);
  }
  for (size_t i = 0; i < header->n_tables; i++) {
    require(header->table[i].name && header->table[i].part);
    for (size_t c = 0; c < header->table[i].n_columns; c++)
      require(header->table[i].column[c].name != NULL);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  kj_error err;
  kj__audformat header;
  double seconds;
  kj__arena *arena = kj__arena_create();
  char *text = malloc(size + 1);
  if (text && size > 0)
    memcpy(text, data, size);
  if (text && arena) {
    text[size] = '\0';
    const kj_status status =
        kj__audformat_parse("db.yaml", text, size, arena, &header, &err);
    require(status == KJ_OK || (status == err.status && err.message[0]));
    if (status == KJ_OK)
      check_header(&header);
    if (kj__audformat_seconds(text, &seconds))
      require(isnan(seconds) || seconds >= 0);
  }
  free(text);
  kj__arena_destroy(arena);
  return 0;
}
