/*
 * utf8.c: well-formed sequences, from the table in the Unicode standard.
 */
#include "corpus/utf8.h"

/* Lead bytes low..high, bytes in all, allowed range of the second byte. */
static const struct sequence {
  unsigned char low, high, size, second_low, second_high;
} SEQUENCES[] = {{0x00, 0x7F, 1, 0x00, 0x00}, {0xC2, 0xDF, 2, 0x80, 0xBF},
                 {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
                 {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF},
                 {0xF0, 0xF0, 4, 0x90, 0xBF}, {0xF1, 0xF3, 4, 0x80, 0xBF},
                 {0xF4, 0xF4, 4, 0x80, 0x8F}};

/* Bytes of the character at s, of which `left` are there; 0: none such. */
static size_t character_size(const unsigned char *s, size_t left)
{
  for (size_t i = 0; i < sizeof SEQUENCES / sizeof SEQUENCES[0]; i++) {
    const struct sequence *q = &SEQUENCES[i];
    if (s[0] < q->low || s[0] > q->high)
      continue;
    if (q->size > left)
      return 0;
    if (q->size > 1 && (s[1] < q->second_low || s[1] > q->second_high))
      return 0;
    for (size_t k = 2; k < q->size; k++)
      if (s[k] < 0x80 || s[k] > 0xBF)
        return 0;
    return q->size;
  }
  return 0;
}

bool kj__utf8_is_valid(const void *data, size_t size)
{
  const unsigned char *s = data;
  for (size_t i = 0; i < size;) {
    const size_t n = character_size(s + i, size - i);
    if (n == 0)
      return false;
    i += n;
  }
  return true;
}

static bool is_continuation(char c)
{
  return ((unsigned char)c & 0xC0) == 0x80;
}

void kj__utf8_shorten(char *dst, size_t size, const char *text)
{
  size_t n = 0;
  for (; text[n] && n + 1 < size; n++)
    dst[n] = (unsigned char)text[n] < 0x20 || text[n] == 0x7F ? '?' : text[n];
  if (text[n])
    while (n > 0 && is_continuation(text[n]))
      n--;
  dst[n] = '\0';
}
