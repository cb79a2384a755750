/*
 * uudb_xml.c: the annotation documents of UUDB, by expat:
 *
 *   <Utterance UtteranceID="001" Channel="L" UtteranceStartTime="1.234"
 *              UtteranceEndTime="2.345">
 *     <UtteranceComment><Comment CommentStrings="C001L_001.wav"/> ...
 *     <EmotionalState>
 *       <Rating Pleasantness="5" Arousal="4" Dominance="3" .../>  one a rater
 *
 * Names are matched without their prefix, so that a document may declare the
 * namespace http://uudb.speech-lab.org/ns/0.9 in any way, or not at all. Other
 * elements and attributes are passed over.
 */
#include "corpus/import/uudb.h"

#include "base/error.h"
#include "corpus/number.h"
#include "corpus/path.h"

#include <expat.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const char *const SCALE[KJ__N_DIMENSIONS] = {"Pleasantness", "Arousal",
                                                    "Dominance"};

typedef struct reader {
  const char *name;
  XML_Parser parser;
  kj__uudb_visitor *visitor;
  void *context;
  bool is_inside; /* an utterance */
  kj__uudb_utterance utterance;
  kj_status status;
  kj_error *err;
} reader;

/* ---- failing ---- */

static void stop(reader *r, kj_status status)
{
  r->status = status;
  XML_StopParser(r->parser, XML_FALSE);
}

static void fail(reader *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(reader *r, const char *format, ...)
{
  char sentence[256];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(sentence, sizeof sentence, format, arguments);
  va_end(arguments);
  stop(r,
       kj__fail(r->err, KJ_EFORMAT, "%s:%lu: %s", r->name,
                (unsigned long)XML_GetCurrentLineNumber(r->parser), sentence));
}

/* ---- names and attributes ---- */

static const char *local_name(const char *name)
{
  const char *colon = strrchr(name, ':');
  return colon ? colon + 1 : name;
}

/* The value of an attribute, or NULL. */
static const char *value_of(const XML_Char **attribute, const char *name)
{
  for (; *attribute; attribute += 2)
    if (strcmp(local_name(attribute[0]), name) == 0)
      return attribute[1];
  return NULL;
}

/* The same of one that must be there: "" and a failure where it is not. */
static const char *needed(reader *r, const XML_Char **attribute,
                          const char *name)
{
  const char *value = value_of(attribute, name);
  if (!value && r->status == KJ_OK)
    fail(r, "an Utterance without %s", name);
  return value ? value : "";
}

static double needed_time(reader *r, const XML_Char **attribute,
                          const char *name)
{
  double seconds = 0;
  const char *value = needed(r, attribute, name);
  const bool ok = kj__number_parse(value, &seconds) && seconds >= 0;
  if (!ok && r->status == KJ_OK)
    fail(r, "%s is \"%.40s\"; must be seconds, at least 0", name, value);
  return seconds;
}

/* ---- elements ---- */

/* "1" becomes "001", as in the names of the sound files. */
static void set_id(reader *r, const char *id)
{
  const size_t n = strlen(id);
  if (n == 0 || n >= sizeof r->utterance.id || strpbrk(id, "/ \t\r\n"))
    fail(r, "UtteranceID is \"%.40s\"; must be 1 to 15 letters or digits", id);
  else if (n < 3 && strspn(id, "0123456789") == n)
    snprintf(r->utterance.id, sizeof r->utterance.id, "%.*s%s", (int)(3 - n),
             "00", id);
  else
    memcpy(r->utterance.id, id, n + 1);
}

static void begin_utterance(reader *r, const XML_Char **attribute)
{
  if (r->is_inside) {
    fail(r, "an Utterance within an Utterance");
    return;
  }
  r->is_inside = true;
  r->utterance = (kj__uudb_utterance){.channel = '\0'};
  const char *id = needed(r, attribute, "UtteranceID");
  const char *channel = needed(r, attribute, "Channel");
  r->utterance.start_s = needed_time(r, attribute, "UtteranceStartTime");
  r->utterance.end_s = needed_time(r, attribute, "UtteranceEndTime");
  if (r->status != KJ_OK)
    return;
  set_id(r, id);
  r->utterance.channel = channel[0];
  if (r->status == KJ_OK && strcmp(channel, "L") != 0 &&
      strcmp(channel, "R") != 0)
    fail(r, "Channel is \"%.40s\"; must be L or R", channel);
  if (r->status == KJ_OK && r->utterance.end_s <= r->utterance.start_s)
    fail(r, "UtteranceEndTime is %g; must be after %g", r->utterance.end_s,
         r->utterance.start_s);
}

/* A comment that names a sound file; the first one counts. */
static void read_comment(reader *r, const XML_Char **attribute)
{
  const char *text = value_of(attribute, "CommentStrings");
  if (!r->is_inside || !text || r->utterance.wav[0] || strchr(text, '/') ||
      !kj__path_ends(text, ".wav") || strlen(text) >= sizeof r->utterance.wav)
    return;
  snprintf(r->utterance.wav, sizeof r->utterance.wav, "%s", text);
}

/* One rater; a scale that is not there is one that was not rated. */
static void read_rating(reader *r, const XML_Char **attribute)
{
  kj__uudb_utterance *u = &r->utterance;
  for (size_t d = 0; d < KJ__N_DIMENSIONS && r->is_inside; d++) {
    const char *value = value_of(attribute, SCALE[d]);
    double rating = 0;
    if (!value || !value[0] || u->n_ratings[d] == KJ__UUDB_MAX_RATERS)
      continue;
    if (!kj__number_parse(value, &rating)) {
      fail(r, "%s is \"%.40s\"; must be a number in 1..7", SCALE[d], value);
      return;
    }
    u->rating[d][u->n_ratings[d]++] = rating;
  }
}

static void XMLCALL begin_element(void *context, const XML_Char *element,
                                  const XML_Char **attribute)
{
  reader *r = context;
  const char *name = local_name(element);
  if (r->status != KJ_OK)
    return;
  if (strcmp(name, "Utterance") == 0)
    begin_utterance(r, attribute);
  else if (strcmp(name, "Comment") == 0)
    read_comment(r, attribute);
  else if (strcmp(name, "Rating") == 0)
    read_rating(r, attribute);
}

static void XMLCALL end_element(void *context, const XML_Char *element)
{
  reader *r = context;
  if (r->status != KJ_OK || strcmp(local_name(element), "Utterance") != 0)
    return;
  r->is_inside = false;
  const kj_status status = r->visitor(r->context, &r->utterance, r->err);
  if (status != KJ_OK)
    stop(r, status);
}

kj_status kj__uudb_read(const char *name, const char *text, size_t size,
                        kj__uudb_visitor *visitor, void *context, kj_error *err)
{
  reader r = {.name = name, .visitor = visitor, .context = context, .err = err};
  r.parser = XML_ParserCreate(NULL);
  if (!r.parser)
    return kj__fail_memory(err, name);
  XML_SetUserData(r.parser, &r);
  XML_SetElementHandler(r.parser, begin_element, end_element);
  const enum XML_Status parsed = XML_Parse(r.parser, text, (int)size, XML_TRUE);
  const enum XML_Error error = XML_GetErrorCode(r.parser);
  if (r.status == KJ_OK && parsed == XML_STATUS_ERROR) {
    if (error == XML_ERROR_NO_MEMORY)
      r.status = kj__fail_memory(err, name);
    else
      fail(&r, "%s", XML_ErrorString(error));
  }
  XML_ParserFree(r.parser);
  return r.status;
}
