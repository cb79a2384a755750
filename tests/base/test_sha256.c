/* test_sha256.c: FIPS 180-4's examples, and any division into calls. */
#include "base/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, size_t times, const char *wanted)
{
  kj__sha256 hash;
  char hex[KJ__SHA256_HEX_SIZE];
  kj__sha256_init(&hash);
  for (size_t i = 0; i < times; i++)
    kj__sha256_update(&hash, text, strlen(text));
  kj__sha256_finish_hex(&hash, hex);
  assert_string_equal(hex, wanted);
}

static void known_texts_have_their_digests(void **state)
{
  (void)state;
  check("", 1,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", 1,
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check("a", 1000000,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  check("aaaaaaaaaa", 100000,
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void texts_are_kept_apart(void **state)
{
  (void)state;
  static const char *const pair[2][2] = {{"ab", "c"}, {"a", "bc"}};
  unsigned char digest[2][KJ__SHA256_SIZE];
  for (size_t i = 0; i < 2; i++) {
    kj__sha256 hash;
    kj__sha256_init(&hash);
    kj__sha256_text(&hash, pair[i][0]);
    kj__sha256_text(&hash, pair[i][1]);
    kj__sha256_finish(&hash, digest[i]);
  }
  assert_memory_not_equal(digest[0], digest[1], KJ__SHA256_SIZE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_texts_have_their_digests),
      cmocka_unit_test(texts_are_kept_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
