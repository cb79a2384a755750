/*
 * html.c: a document as one page that needs nothing beside it: no script, no
 * font, no picture, no network. Wide tables scroll within their own box.
 */
#include "experiment/report/document.h"
#include "experiment/report/text.h"

static const char STYLE[] =
    ":root{color-scheme:light dark;--paper:#ffffff;--ink:#1b1b1b;"
    "--rule:#d0d0d0;--soft:#f3f4f6;--mark:#8a2b00}\n"
    "@media(prefers-color-scheme:dark){:root{--paper:#16181b;--ink:#e8e8e8;"
    "--rule:#44484d;--soft:#22262b;--mark:#ffb27a}}\n"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--paper);color:var(--ink);"
    "font:16px/1.5 system-ui,sans-serif}"
    "main{max-width:80rem;margin:0 auto;padding:1rem 1rem 4rem}"
    "h1{font-size:1.7rem;line-height:1.2}h2{margin-top:2.5rem;"
    "border-top:2px solid var(--rule);padding-top:1rem}h3{margin-top:2rem}"
    "p,li{max-width:46rem;overflow-wrap:anywhere}"
    ".wide{overflow-x:auto;margin:1rem 0}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;"
    "font-size:.85rem}"
    "caption{text-align:left;font-weight:600;padding:.3rem 0}"
    "caption span{display:inline-block;position:sticky;left:0;"
    "max-width:calc(100vw - 2rem)}"
    "th,td{padding:.3rem .6rem;border-bottom:1px solid var(--rule);"
    "text-align:right;white-space:nowrap}"
    "th:first-child,td:first-child{text-align:left}"
    "thead th{background:var(--soft)}tbody th{font-weight:600;"
    "white-space:normal;min-width:7rem}"
    ".figures{display:grid;gap:1rem;"
    "grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr))}"
    "figure{margin:1rem 0;max-width:44rem}figure "
    "svg{width:100%;min-width:26rem;"
    "height:auto}figure{overflow-x:auto}"
    "figcaption{font-size:.9rem}"
    "pre{background:var(--soft);padding:1rem;overflow-x:auto;font-size:.85rem}"
    ".synthetic{background:var(--mark);color:var(--paper);font-weight:700;"
    "padding:.5rem 1rem;position:sticky;top:0;z-index:1}\n"
    "@media print{.synthetic{position:static}figure,tr{break-inside:avoid}"
    ".wide,figure,pre{overflow:visible}pre{white-space:pre-wrap}"
    "table{font-size:.6rem}}\n";

/* On every sheet of paper, by browsers that have margin boxes. */
static const char SHEETS[] =
    "@page{margin:18mm 12mm;@top-center{content:\"SYNTHETIC\";"
    "font:700 11pt system-ui,sans-serif}}\n";

static void put_tag(const char *tag, const char *text, FILE *out)
{
  fprintf(out, "<%s>", tag);
  kj__report_html_text(text, out);
  fprintf(out, "</%s>\n", tag);
}

/* Captions say it too: a table may be copied out of the page. */
static void put_caption(const kj__document *d, const char *text, FILE *out)
{
  fputs(kj__document_mark(d, text), out);
  kj__report_html_text(text, out);
}

static void put_row(const kj__block *table, size_t row, FILE *out)
{
  fputs("<tr>", out);
  for (size_t c = 0; c < table->n_columns; c++) {
    const size_t i = row * table->n_columns + c;
    const char *tag = row == 0 || c == 0 ? "th" : "td";
    fprintf(out, "<%s%s>", tag,
            row == 0 ? " scope=\"col\""
            : c == 0 ? " scope=\"row\""
                     : "");
    kj__report_html_text(table->cell[i], out);
    fprintf(out, "</%s>", tag);
  }
  fputs("</tr>\n", out);
}

static void put_table(const kj__document *d, const kj__block *table, FILE *out)
{
  const size_t n_rows = table->n_cells / table->n_columns;
  fputs("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"",
        out);
  put_caption(d, table->text, out);
  fputs("\"><table><caption><span>", out);
  put_caption(d, table->text, out);
  fputs("</span></caption>\n<thead>", out);
  if (n_rows > 0)
    put_row(table, 0, out);
  fputs("</thead>\n<tbody>\n", out);
  for (size_t r = 1; r < n_rows; r++)
    put_row(table, r, out);
  fputs("</tbody></table></div>\n", out);
}

static void put_chart(const kj__document *d, const kj__block *block, FILE *out)
{
  fputs("<figure>\n", out);
  kj__chart_svg(&block->chart, false, out);
  fputs("<figcaption>", out);
  put_caption(d, block->text, out);
  fprintf(out,
          " <a href=\"figures/%s.csv\">Numbers</a>, <a "
          "href=\"figures/%s.svg\">drawing</a>.</figcaption></figure>\n",
          block->chart.id, block->chart.id);
}

static void put_block(const kj__document *d, const kj__block *block, FILE *out)
{
  static const char *const heading[] = {"h2", "h2", "h2", "h3", "h4"};
  switch (block->kind) {
  case KJ__BLOCK_HEADING:
    put_tag(heading[block->level <= 4 ? block->level : 4], block->text, out);
    break;
  case KJ__BLOCK_TEXT:
    put_tag("p", block->text, out);
    break;
  case KJ__BLOCK_BULLET:
    put_tag("li", block->text, out);
    break;
  case KJ__BLOCK_CODE:
    put_tag("pre", block->text, out);
    break;
  case KJ__BLOCK_TABLE:
    put_table(d, block, out);
    break;
  case KJ__BLOCK_CHART:
    put_chart(d, block, out);
    break;
  }
}

/* What stands before and after neighbours of one kind. */
static const char *const *around(kj__block_kind kind)
{
  static const char *const list[] = {"<ul>\n", "</ul>\n"};
  static const char *const figures[] = {"<div class=\"figures\">\n",
                                        "</div>\n"};
  static const char *const nothing[] = {"", ""};
  return kind == KJ__BLOCK_BULLET  ? list
         : kind == KJ__BLOCK_CHART ? figures
                                   : nothing;
}

void kj__document_html(const kj__document *d, FILE *out)
{
  fputs(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<title>",
      out);
  put_caption(d, d->title, out);
  fprintf(out, "</title>\n<style>\n%s%s%s</style>\n</head>\n<body>\n", STYLE,
          kj__chart_style, d->is_synthetic ? SHEETS : "");
  if (d->is_synthetic)
    fprintf(out, "<div class=\"synthetic\" role=\"note\">%s</div>\n",
            kj__document_note(d));
  fputs("<main>\n<h1>", out);
  put_caption(d, d->title, out);
  fputs("</h1>\n", out);
  for (size_t i = 0; i < d->n_blocks; i++) {
    if (i == 0 || d->block[i - 1].kind != d->block[i].kind) {
      if (i > 0)
        fputs(around(d->block[i - 1].kind)[1], out);
      fputs(around(d->block[i].kind)[0], out);
    }
    put_block(d, &d->block[i], out);
  }
  if (d->n_blocks > 0)
    fputs(around(d->block[d->n_blocks - 1].kind)[1], out);
  fputs("</main>\n</body>\n</html>\n", out);
}
