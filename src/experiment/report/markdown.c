/*
 * markdown.c: a document as Markdown, with the numbers of the page.
 */
#include "experiment/report/document.h"
#include "experiment/report/text.h"

static void put_caption(const kj__document *d, const char *text, FILE *out)
{
  fputs(kj__document_mark(d, text), out);
  kj__report_markdown_text(text, out);
}

static void put_table(const kj__document *d, const kj__block *table, FILE *out)
{
  fputs("**", out);
  put_caption(d, table->text, out);
  fputs("**\n\n", out);
  for (size_t i = 0; i < table->n_cells; i++) {
    const size_t column = i % table->n_columns;
    fputs(column == 0 ? "| " : " | ", out);
    kj__report_markdown_text(table->cell[i], out);
    if (column + 1 < table->n_columns)
      continue;
    fputs(" |\n", out);
    if (i + 1 == table->n_columns) {
      for (size_t c = 0; c < table->n_columns; c++)
        fputs("|---", out);
      fputs("|\n", out);
    }
  }
  putc('\n', out);
}

/* A fence that is longer than any in the text. */
static void put_code(const char *text, FILE *out)
{
  size_t longest = 2, run = 0;
  for (const char *c = text; *c; c++) {
    run = *c == '`' ? run + 1 : 0;
    longest = run > longest ? run : longest;
  }
  for (size_t i = 0; i <= longest; i++)
    putc('`', out);
  fprintf(out, "\n%s\n", text);
  for (size_t i = 0; i <= longest; i++)
    putc('`', out);
  fputs("\n\n", out);
}

static void put_block(const kj__document *d, const kj__block *block, FILE *out)
{
  switch (block->kind) {
  case KJ__BLOCK_HEADING:
    for (int i = 0; i < block->level; i++)
      putc('#', out);
    putc(' ', out);
    kj__report_markdown_text(block->text, out);
    fputs("\n\n", out);
    break;
  case KJ__BLOCK_TEXT:
    kj__report_markdown_text(block->text, out);
    fputs("\n\n", out);
    break;
  case KJ__BLOCK_BULLET:
    fputs("- ", out);
    kj__report_markdown_text(block->text, out);
    fputs("\n", out);
    break;
  case KJ__BLOCK_CODE:
    put_code(block->text, out);
    break;
  case KJ__BLOCK_TABLE:
    put_table(d, block, out);
    break;
  case KJ__BLOCK_CHART:
    fputs("![", out);
    put_caption(d, block->text, out);
    fprintf(out, "](figures/%s.svg) ([numbers](figures/%s.csv))\n\n",
            block->chart.id, block->chart.id);
    break;
  }
}

void kj__document_markdown(const kj__document *d, FILE *out)
{
  fputs("# ", out);
  put_caption(d, d->title, out);
  fputs("\n\n", out);
  if (d->is_synthetic)
    fprintf(out, "**%s**\n\n", kj__document_note(d));
  for (size_t i = 0; i < d->n_blocks; i++) {
    put_block(d, &d->block[i], out);
    const bool ends = i + 1 < d->n_blocks &&
                      d->block[i].kind == KJ__BLOCK_BULLET &&
                      d->block[i + 1].kind != KJ__BLOCK_BULLET;
    if (ends)
      putc('\n', out);
  }
}
