/*
 * text.c: text from data into HTML, Markdown, CSV.
 */
#include "experiment/report/text.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *kj__report_grow(void *items, size_t n, size_t size)
{
  size_t total;
  return kj__size_multiply(n, size, &total) ? realloc(items, total) : NULL;
}

void kj__report_copy(char *to, size_t size, const char *from)
{
  size_t n = strlen(from);
  if (n >= size) {
    n = size - 1;
    while (n > 0 && ((unsigned char)from[n] & 0xc0U) == 0x80U)
      n--;
  }
  memcpy(to, from, n);
  to[n] = '\0';
}

void kj__report_append(char *to, size_t size, const char *from)
{
  const size_t used = strlen(to);
  kj__report_copy(to + used, size - used, from);
}

static const char REPLACEMENT[] = "\xef\xbf\xbd"; /* U+FFFD */

/* What stands for a character in HTML; NULL: itself. */
static const char *entity(char c)
{
  static const struct {
    char c;
    const char *entity;
  } table[] = {{'&', "&amp;"},
               {'<', "&lt;"},
               {'>', "&gt;"},
               {'"', "&quot;"},
               {'\'', "&#39;"}};
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
    if (table[i].c == c)
      return table[i].entity;
  const unsigned char byte = (unsigned char)c;
  const int is_control = (byte < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
  return is_control ? REPLACEMENT : NULL;
}

/* U+FFFE and U+FFFF are no characters of XML. */
static bool is_noncharacter(const char *c)
{
  return strncmp(c, "\xef\xbf\xbe", 3) == 0 ||
         strncmp(c, "\xef\xbf\xbf", 3) == 0;
}

void kj__report_html_text(const char *text, FILE *out)
{
  for (const char *c = text; *c; c++) {
    const char *other = entity(*c);
    if (is_noncharacter(c)) {
      other = REPLACEMENT;
      c += 2;
    }
    if (other)
      fputs(other, out);
    else
      putc(*c, out);
  }
}

void kj__report_markdown_text(const char *text, FILE *out)
{
  for (const char *c = text; *c; c++) {
    if ((unsigned char)*c < 0x20) {
      putc(' ', out);
      continue;
    }
    if (strchr("\\`*_[]<>|#", *c))
      putc('\\', out);
    putc(*c, out);
  }
}

void kj__report_id(char *to, size_t size, const char *from)
{
  size_t n = 0;
  for (; *from && n + 1 < size; from++) {
    const unsigned char c = (unsigned char)*from;
    const int is_plain = c < 0x80 && isalnum(c);
    if (is_plain)
      to[n++] = (char)tolower(c);
    else if (n > 0 && to[n - 1] != '-')
      to[n++] = '-';
  }
  to[n] = '\0';
}
