/*
 * words.c: sentences, fillers, pauses, restarts. The chances are in
 * docs/synthetic.md.
 */
#include "corpus/synth/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double P_FILLER_FIRST = 0.6; /* before the sentence */
static const double P_FILLER = 0.12;      /* before each later word */
static const double P_PAUSE = 0.12;       /* likewise */
static const double P_RESTART = 0.4;      /* of a sentence */
enum { MIN_PAUSE_MS = 200, MAX_PAUSE_MS = 700, RESTART_PAUSE_MS = 150 };
enum { MAX_RESTART_WORDS = 2 };

/* One being put together: what is cut off would not be a sentence any more,
 * but texts of the table are a tenth of the room there is. */
typedef struct builder {
  const kj__synth_language *language;
  kj__random *random;
  kj__synth_words *words;
} builder;

static void append(char *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(char *text, const char *format, ...)
{
  va_list arguments;
  const size_t n = strlen(text);
  va_start(arguments, format);
  vsnprintf(text + n, KJ__SYNTH_TEXT_SIZE - n, format, arguments);
  va_end(arguments);
}

static void add_text(builder *b, const char *text)
{
  append(b->words->text, "%s", text);
  append(b->words->markup, "%s", text);
}

static void add_pause(builder *b, int ms)
{
  append(b->words->markup, "<break time=\"%dms\"/>", ms);
}

/* A particle may be written in another way than it is spoken. */
static void add_word(builder *b, const char *word, size_t n)
{
  const char *written = b->language->written;
  const size_t n_end = written ? strlen(written) : 0;
  append(b->words->text, "%.*s", (int)n, word);
  if (written && n > n_end && memcmp(word + n - n_end, written, n_end) == 0)
    append(b->words->markup, "%.*s%s", (int)(n - n_end), word,
           b->language->spoken);
  else
    append(b->words->markup, "%.*s", (int)n, word);
}

static bool happens(builder *b, double probability)
{
  return kj__random_uniform(b->random) < probability;
}

static const char *any_of(kj__random *random, const char *const *texts)
{
  size_t n = 0;
  while (texts[n])
    n++;
  return texts[kj__random_below(random, n)];
}

static void add_filler(builder *b)
{
  add_text(b, any_of(b->random, b->language->fillers));
  add_text(b, b->language->comma);
}

static void hesitate(builder *b)
{
  if (happens(b, P_FILLER))
    add_filler(b);
  if (happens(b, P_PAUSE))
    add_pause(b, MIN_PAUSE_MS +
                     (int)kj__random_below(b->random,
                                           MAX_PAUSE_MS - MIN_PAUSE_MS + 1));
}

/* The first words of the sentence, broken off. */
static void add_restart(builder *b, const char *sentence)
{
  size_t n_words = 1 + kj__random_below(b->random, MAX_RESTART_WORDS);
  const char *end = sentence;
  while (n_words-- > 0) {
    const size_t n = strcspn(end, " ");
    add_word(b, end, n);
    end += n + strspn(end + n, " ");
    if (n_words > 0)
      add_text(b, " ");
  }
  add_text(b, b->language->comma);
  add_pause(b, RESTART_PAUSE_MS);
}

/* Word by word; what comes before each is for the speaker to decide. */
static void add_sentence(builder *b, const char *sentence, bool is_fluent)
{
  const char *word = sentence;
  while (*word) {
    if (word != sentence)
      add_text(b, " ");
    if (word != sentence && !is_fluent)
      hesitate(b);
    const size_t n = strcspn(word, " ");
    add_word(b, word, n);
    word += n + strspn(word + n, " ");
  }
}

void kj__synth_words_draw(const kj__synth_language *language,
                          bool is_spontaneous, kj__random *random,
                          kj__synth_words *words)
{
  builder b = {language, random, words};
  const char *sentence =
      any_of(random, is_spontaneous ? language->spontaneous : language->read);
  words->text[0] = words->markup[0] = '\0';
  const bool is_restarted = is_spontaneous && happens(&b, P_RESTART);
  if (is_spontaneous && (!is_restarted || happens(&b, P_FILLER_FIRST)))
    add_filler(&b);
  if (is_restarted)
    add_restart(&b, sentence);
  if (is_restarted && happens(&b, P_FILLER_FIRST))
    add_filler(&b);
  add_sentence(&b, sentence, !is_spontaneous);
  add_text(&b, language->stop);
}
