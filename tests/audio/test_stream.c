/*
 * test_stream.c: sizes of reads, pipes, standard input, memory.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "audio/sound_files.h"
#include "base/random.h"

enum { N = 50001 };

static sound_path write_noise(void **state, const char *name, int format,
                              unsigned rate_hz)
{
  static float noise[2 * N];
  kj__random random = kj__random_stream(5, KJ__PURPOSE_TEST, 0, 0);
  for (size_t i = 0; i < 2 * N; i++)
    noise[i] = (float)kj__random_uniform(&random) - 0.5f;
  const sound_path path = path_in(state, name);
  write_floats(path.text, format, rate_hz, 2, noise, N);
  return path;
}

static void test_sizes_of_reads_do_not_matter(void **state)
{
  static const unsigned rates_hz[] = {0, 16000, 48000};
  static const size_t steps[] = {1, 7, 160, 2047, 2048, 2049, 4096, 100000};
  const sound_path path = write_noise(state, "steps.flac",
                                      SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 44100);
  for (size_t r = 0; r < sizeof rates_hz / sizeof *rates_hz; r++) {
    const kj_audio_options options = {.rate_hz = rates_hz[r],
                                      .channel = KJ_CHANNEL_MIX};
    const sound reference = read_sound(path.text, &options);
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
      sound got;
      kj_error err;
      assert_int_equal(try_sound(path.text, &options, steps[s], &got, &err),
                       KJ_OK);
      char what[64];
      snprintf(what, sizeof what, "rate %u, reads of %zu", rates_hz[r],
               steps[s]);
      expect_same_samples(what, got.samples, got.n, reference.samples,
                          reference.n);
      free(got.samples);
    }
    free(reference.samples);
  }
}

/* Start a process that writes the bytes of `path` in small pieces to the named
 * pipe `fifo`, or, where that is NULL, to `descriptor`; returns its id. */
static pid_t start_writer(const char *path, int descriptor, const char *fifo)
{
  const pid_t writer = fork();
  assert_true(writer >= 0);
  if (writer > 0)
    return writer;
  const int target = fifo ? open(fifo, O_WRONLY) : descriptor;
  FILE *source = fopen(path, "rb");
  char piece[997];
  size_t n;
  while (source && (n = fread(piece, 1, sizeof piece, source)) > 0)
    if (write(target, piece, n) != (ssize_t)n)
      _exit(1);
  _exit(0);
}

static void wait_for(pid_t process)
{
  int status;
  assert_int_equal(waitpid(process, &status, 0), process);
  assert_int_equal(status, 0);
}

static const struct {
  const char *name;
  int format;
  unsigned rate_hz;
} piped[] = {
    {"pipe.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000},
    {"pipe.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100},
    {"pipe.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 16000},
    {"pipe.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100},
    {"pipe.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_24, 8000},
};

/* Standard input becomes `descriptor` until restored; returns the old one. */
static int replace_input(int descriptor)
{
  const int saved = dup(STDIN_FILENO);
  assert_int_equal(dup2(descriptor, STDIN_FILENO), STDIN_FILENO);
  close(descriptor);
  return saved;
}

static void restore_input(int saved)
{
  if (saved < 0) {
    close(STDIN_FILENO);
    return;
  }
  dup2(saved, STDIN_FILENO);
  close(saved);
}

static void test_pipe_on_standard_input(void **state)
{
  for (size_t k = 0; k < sizeof piped / sizeof *piped; k++) {
    const sound_path path =
        write_noise(state, piped[k].name, piped[k].format, piped[k].rate_hz);
    const kj_audio_options options = {
        .rate_hz = 16000, .channel = 1, .start_s = 0.3, .end_s = 1.1};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t writer = start_writer(path.text, ends[1], NULL);
    close(ends[1]);
    const int saved = replace_input(ends[0]);
    const sound got = read_sound("-", &options);
    restore_input(saved);
    wait_for(writer);
    const sound expected = read_sound(path.text, &options);
    expect_same_samples(piped[k].name, got.samples, got.n, expected.samples,
                        expected.n);
    free(got.samples);
    free(expected.samples);
  }
}

static void test_named_pipe(void **state)
{
  const sound_path path = write_noise(state, "named.flac",
                                      SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 16000);
  const sound_path fifo = path_in(state, "fifo");
  assert_int_equal(mkfifo(fifo.text, 0600), 0);
  const pid_t writer = start_writer(path.text, -1, fifo.text);
  const sound got = read_native(fifo.text, 0);
  wait_for(writer);
  const sound expected = read_native(path.text, 0);
  expect_same_samples("named pipe", got.samples, got.n, expected.samples,
                      expected.n);
  free(got.samples);
  free(expected.samples);
}

static void expect_input_failure(const char *content_path, kj_status status,
                                 const char *text)
{
  const int saved = replace_input(open(content_path, O_RDONLY));
  expect_failure("-", NULL, status, text);
  restore_input(saved);
}

static void test_messages_name_standard_input(void **state)
{
  const sound_path words = path_in(state, "words");
  write_bytes(words.text, "no sound", 8);
  expect_input_failure("/dev/null", KJ_EFORMAT,
                       "standard input: is empty; a sound file was expected");
  expect_input_failure(words.text, KJ_EFORMAT,
                       "standard input: cannot be read as sound: ");
  expect_input_failure(*state, KJ_EFILE,
                       "standard input: cannot be read: Is a directory");
}

/* The lowest descriptor that is free. */
static int next_descriptor(void)
{
  const int next = open("/dev/null", O_RDONLY);
  close(next);
  return next;
}

static void test_no_room_for_the_copy(void **state)
{
  const sound_path path =
      write_noise(state, "room.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 16000);
  const int saved = replace_input(open(path.text, O_RDONLY));
  struct rlimit files, size;
  getrlimit(RLIMIT_NOFILE, &files);
  getrlimit(RLIMIT_FSIZE, &size);
  struct rlimit few = files, small = size;
  few.rlim_cur = (rlim_t)next_descriptor();
  setrlimit(RLIMIT_NOFILE, &few);
  expect_failure("-", NULL, KJ_EFILE,
                 "standard input: no temporary file for a copy of it: Too many "
                 "open files");
  few.rlim_cur++;
  setrlimit(RLIMIT_NOFILE, &few);
  expect_failure("-", NULL, KJ_EFILE,
                 "standard input: cannot be kept open: Too many open files");
  setrlimit(RLIMIT_NOFILE, &files);
  lseek(STDIN_FILENO, 0, SEEK_SET);
  small.rlim_cur = 100000;
  void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  expect_failure("-", NULL, KJ_EFILE,
                 "standard input: cannot be copied to a temporary file: File "
                 "too large");
  setrlimit(RLIMIT_FSIZE, &size);
  signal(SIGXFSZ, handler);
  restore_input(saved);
}

static long peak_kb(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

/* An hour of stereo that takes no room on the disc: zeros after the header. */
static void test_memory_is_flat(void **state)
{
  enum { RATE_HZ = 12000, HOUR = 3600 * RATE_HZ, BLOCK = 65536 };
  const sound_path path = path_in(state, "hour.wav");
  SNDFILE *file =
      create_sound(path.text, SF_FORMAT_WAV | SF_FORMAT_PCM_U8, RATE_HZ, 2);
  assert_int_equal(sf_seek(file, HOUR - 1, SEEK_SET), HOUR - 1);
  const short last[2] = {0, 0};
  assert_int_equal(sf_writef_short(file, last, 1), 1);
  sf_close(file);
  kj_audio *audio = NULL;
  assert_int_equal(kj_audio_open(path.text, NULL, &audio, NULL), KJ_OK);
  static float samples[BLOCK];
  size_t total = 0, n = 1;
  long early_kb = 0;
  while (n > 0) {
    assert_int_equal(kj_audio_read(audio, samples, BLOCK, &n, NULL), KJ_OK);
    total += n;
    if (total >= 30 * 16000 && early_kb == 0)
      early_kb = peak_kb();
  }
  const long growth_kb = peak_kb() - early_kb;
  print_message("one hour: %zu samples, memory grew by %ld KB after 30 s\n",
                total, growth_kb);
  assert_int_equal(total, 3600 * 16000);
  if (growth_kb > 512)
    fail_msg("memory grew by %ld KB after the first 30 s", growth_kb);
  kj_audio_close(audio);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      /* First: the peak of memory is that of the whole process. */
      cmocka_unit_test(test_memory_is_flat),
      cmocka_unit_test(test_sizes_of_reads_do_not_matter),
      cmocka_unit_test(test_pipe_on_standard_input),
      cmocka_unit_test(test_named_pipe),
      cmocka_unit_test(test_messages_name_standard_input),
      cmocka_unit_test(test_no_room_for_the_copy),
  };
  return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
