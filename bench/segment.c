/*
 * segment.c: how often the detector of speech is wrong.
 *
 *   bench_segment FILE...     e.g. all recordings of EmoDB
 *
 * The recordings, each brought to one level, are put one after the other with
 * pauses of 0.5 to 2 s between. Their own samples say where speech is: frames
 * of 10 ms within 35 dB of the recording's loudest, pauses of less than 0.3 s
 * between them included. To that come noises at several distances (SNR against
 * the mean power of the whole, pauses included): white; babble, which is the
 * sum of eight other recordings at a time; and in a room.
 *
 * Printed: misses (frames of speech not told), false alarms (frames without
 * speech told), each as a share of the frames of their kind; the number of
 * stretches. The detector pads by 0.1 s, so that about that share of the
 * pauses is "false" at best: a second pair of columns leaves out what is
 * within 0.15 s of an edge.
 */
#include "audio/disturb/disturb.h"
#include "kanjo/activity.h"
#include "kanjo/audio.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  RATE = 16000,
  HOP = 160,
  BRIDGE = 30,  /* frames */
  NEAR = 15,    /* of an edge */
  N_VOICES = 8, /* of babble */
  SEED = 5,
  MOST_SECONDS = 3600
};

typedef struct scene {
  float *x, *babble;
  size_t n, n_frames;
  unsigned char *is_speech, *is_near, *is_told;
  size_t n_stretches;
} scene;

typedef struct clip {
  float *x;
  size_t n;
} clip;

static void stop(const char *what)
{
  fprintf(stderr, "bench_segment: %s\n", what);
  exit(1);
}

static void *take(size_t n, size_t size)
{
  void *memory = calloc(n > 0 ? n : 1, size);
  if (!memory)
    stop("out of memory");
  return memory;
}

static clip read_clip(const char *path)
{
  kj_audio *audio = NULL;
  kj_error err;
  clip c = {take((size_t)60 * RATE, sizeof(float)), 0};
  const kj_audio_options options = {
      .rate_hz = RATE, .channel = 0, .end_s = 60.0};
  kj_status status = kj_audio_open(path, &options, &audio, &err);
  if (status == KJ_OK)
    status = kj_audio_read(audio, c.x, (size_t)60 * RATE, &c.n, &err);
  if (status != KJ_OK)
    stop(err.message);
  kj_audio_close(audio);
  return c;
}

static double power(const float *x, size_t n)
{
  double sum = 0.0;
  for (size_t i = 0; i < n; i++)
    sum += (double)x[i] * (double)x[i];
  return n > 0 ? sum / (double)n : 0.0;
}

/* Where a clip has speech: frames near its loudest. */
static void mark(scene *s, size_t first, const clip *c)
{
  double loudest = 0.0;
  const double share = pow(10.0, -35.0 / 10.0);
  for (size_t i = 0; i + HOP <= c->n; i += HOP)
    loudest = fmax(loudest, power(c->x + i, HOP));
  for (size_t i = 0; i + HOP <= c->n; i += HOP)
    s->is_speech[(first + i) / HOP] = power(c->x + i, HOP) > share * loudest;
}

static void add_clip(scene *s, size_t first, const clip *c)
{
  const double gain = 0.05 / sqrt(power(c->x, c->n));
  for (size_t i = 0; i < c->n; i++)
    s->x[first + i] = (float)(gain * (double)c->x[i]);
  mark(s, first, c);
}

static void close_gaps(scene *s)
{
  size_t last = s->n_frames;
  for (size_t i = 0; i < s->n_frames; i++) {
    if (!s->is_speech[i])
      continue;
    for (size_t k = last + 1; last < i && i - last <= BRIDGE && k < i; k++)
      s->is_speech[k] = 1;
    last = i;
  }
  for (size_t i = 1; i < s->n_frames; i++)
    if (s->is_speech[i] != s->is_speech[i - 1])
      for (size_t k = i > NEAR ? i - NEAR : 0; k < i + NEAR && k < s->n_frames;
           k++)
        s->is_near[k] = 1;
}

static scene make_scene(const clip *clips, size_t n_clips)
{
  scene s = {0};
  const size_t room = (size_t)MOST_SECONDS * RATE;
  kj__random random = kj__random_stream(SEED, KJ__PURPOSE_TEST, 0, 0);
  s.x = take(room, sizeof(float));
  s.babble = take(room, sizeof(float));
  s.is_speech = take(room / HOP, 1);
  s.is_near = take(room / HOP, 1);
  s.is_told = take(room / HOP, 1);
  for (size_t i = 0; i < n_clips; i++) {
    const double pause_s = 0.5 + 1.5 * kj__random_uniform(&random);
    size_t first = s.n + (size_t)(pause_s * RATE);
    first -= first % HOP;
    if (first + clips[i].n + 2 * RATE > room)
      break;
    add_clip(&s, first, &clips[i]);
    s.n = first + clips[i].n;
  }
  s.n += RATE;
  s.n -= s.n % HOP;
  s.n_frames = s.n / HOP;
  close_gaps(&s);
  for (size_t v = 0; v < N_VOICES; v++) /* other clips, without a pause */
    for (size_t at = 0, i = v * 41; at < s.n; i += 7) {
      const clip *c = &clips[i % n_clips];
      const double gain = 0.05 / sqrt(power(c->x, c->n));
      for (size_t k = 0; k < c->n && at < s.n; k++, at++)
        s.babble[at] += (float)(gain * (double)c->x[k]);
    }
  return s;
}

static void tell(void *context, const kj_window *window,
                 const float *functionals)
{
  scene *s = context;
  (void)functionals;
  const size_t first = (size_t)lround(window->start_s * RATE / HOP);
  const size_t end = (size_t)lround(window->end_s * RATE / HOP);
  memset(s->is_told + first, 1, end - first);
  s->n_stretches++;
}

static void detect(scene *s, const float *x)
{
  kj_segments *segments = NULL;
  kj_error err;
  memset(s->is_told, 0, s->n_frames);
  s->n_stretches = 0;
  if (kj_segments_create(kj_feature_set_find("is09"), RATE, NULL, &segments,
                         &err) != KJ_OK)
    stop(err.message);
  kj_segments_set_sink(segments, tell, s);
  if (kj_segments_process(segments, x, s->n, &err) != KJ_OK ||
      kj_segments_finish(segments, &err) != KJ_OK)
    stop(err.message);
  kj_segments_destroy(segments);
}

/* Share of the frames with is_speech == speech that are told otherwise. */
static double error_of(const scene *s, int speech, int leave_out_near)
{
  size_t n = 0, n_wrong = 0;
  for (size_t i = 0; i < s->n_frames; i++) {
    if (s->is_speech[i] != speech || (leave_out_near && s->is_near[i]))
      continue;
    n++;
    n_wrong += s->is_told[i] != speech;
  }
  return n > 0 ? 100.0 * (double)n_wrong / (double)n : 0.0;
}

static void measure(scene *s, const char *name, const float *x)
{
  detect(s, x);
  printf("| %-16s | %6.1f | %6.1f | %6.1f | %6.1f | %5zu |\n", name,
         error_of(s, 1, 0), error_of(s, 0, 0), error_of(s, 1, 1),
         error_of(s, 0, 1), s->n_stretches);
  fflush(stdout);
}

static void measure_noises(scene *s)
{
  static const double snr_db[] = {20.0, 10.0, 5.0, 0.0};
  char name[64];
  float *x = take(s->n, sizeof *x);
  memcpy(x, s->x, s->n * sizeof *x);
  measure(s, "clean", x);
  for (size_t i = 0; i < 4; i++) {
    kj__random random = kj__random_stream(SEED, KJ__PURPOSE_TEST, 1 + i, 0);
    memcpy(x, s->x, s->n * sizeof *x);
    kj__add_white(x, s->n, snr_db[i], &random);
    snprintf(name, sizeof name, "white %g dB", snr_db[i]);
    measure(s, name, x);
  }
  for (size_t i = 0; i < 4; i++) {
    memcpy(x, s->x, s->n * sizeof *x);
    kj__add_sound(x, s->babble, s->n, snr_db[i]);
    snprintf(name, sizeof name, "babble %g dB", snr_db[i]);
    measure(s, name, x);
  }
  kj__random random = kj__random_stream(SEED, KJ__PURPOSE_TEST, 9, 0);
  memcpy(x, s->x, s->n * sizeof *x);
  if (kj__reverberate(x, s->n, RATE, 0.5, &random, NULL) == KJ_OK)
    measure(s, "room, RT60 0.5 s", x);
  memset(x, 0, s->n * sizeof *x);
  memset(s->is_speech, 0, s->n_frames);
  random = kj__random_stream(SEED, KJ__PURPOSE_TEST, 10, 0);
  for (size_t i = 0; i < s->n; i++)
    x[i] = (float)(0.02 * kj__random_normal(&random));
  measure(s, "white alone", x);
  measure(s, "babble alone", s->babble);
  free(x);
}

int main(int argc, char **argv)
{
  if (argc < 10) {
    fputs("usage: bench_segment FILE... (at least 9)\n", stderr);
    return 2;
  }
  const size_t n = (size_t)argc - 1;
  clip *clips = take(n, sizeof *clips);
  for (size_t i = 0; i < n; i++)
    clips[i] = read_clip(argv[i + 1]);
  scene s = make_scene(clips, n);
  size_t n_speech = 0;
  for (size_t i = 0; i < s.n_frames; i++)
    n_speech += s.is_speech[i];
  printf("%zu recordings, %.0f s, %.0f %% of it speech; in %% of frames\n\n", n,
         (double)s.n / RATE, 100.0 * (double)n_speech / (double)s.n_frames);
  puts("| noise            | missed |  false | missed |  false | stretches |\n"
       "|                  |        |        | 0.15 s from edges |       |");
  measure_noises(&s);
  return 0;
}
