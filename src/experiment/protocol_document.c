/*
 * protocol_document.c: the keys of a protocol as Markdown, from their table.
 */
#define _GNU_SOURCE
#include "experiment/schema.h"

#include "base/error.h"

#include <stdio.h>
#include <stdlib.h>

static void print_field(FILE *f, const kj__field *field)
{
  char allowed[400];
  kj__field_allowed(field, allowed, sizeof allowed);
  fprintf(f, "| `%s` | %s | %s | %s |\n", field->key, allowed,
          field->is_required ? "needed" : field->fallback, field->help);
}

/* The table of a schema, and of those inside it that were not printed yet. */
static void print_schema(FILE *f, const kj__schema *schema, const char *title)
{
  fprintf(f,
          "### %s\n\n| key | value | default | meaning |\n|---|---|---|---|\n",
          title);
  for (size_t i = 0; i < schema->n; i++)
    print_field(f, &schema->field[i]);
  const kj__schema *done = NULL; /* of two neighbours with the same keys */
  for (size_t i = 0; i < schema->n; i++) {
    const kj__schema *inner = schema->field[i].inner;
    if (!inner || inner == done)
      continue;
    done = inner;
    putc('\n', f);
    print_schema(f, inner, inner->name);
  }
}

kj_status kj_protocol_document(char **text, kj_error *err)
{
  char *buffer = NULL;
  size_t size = 0;
  FILE *f = open_memstream(&buffer, &size);
  if (!f)
    return kj__fail_memory(err, "the keys of a protocol");
  print_schema(f, &KJ__PROTOCOL_SCHEMA, "protocol");
  if (fclose(f) != 0) {
    free(buffer);
    return kj__fail_memory(err, "the keys of a protocol");
  }
  *text = buffer;
  return KJ_OK;
}
