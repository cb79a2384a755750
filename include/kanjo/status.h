/*
 * status.h: what a Kanjo function says of its outcome.
 *
 * Whatever can fail returns a kj_status (0 is fine) and fills an optional
 * last parameter `kj_error *err` with a sentence that names the field, the
 * value and what was allowed, and the file with line or byte offset where
 * there is one. The library never prints, never exits and keeps no global.
 */
#ifndef KANJO_STATUS_H
#define KANJO_STATUS_H

#ifdef __cplusplus
extern "C" {
#endif

/* X(name, number, text): the one list; enum and texts are made from it. */
#define KJ_STATUS_LIST(X)                                                      \
  X(KJ_OK, 0, "ok")                                                            \
  X(KJ_EARGUMENT, 1, "invalid argument")                                       \
  X(KJ_ESHAPE, 2, "shapes do not fit")                                         \
  X(KJ_EMEMORY, 3, "out of memory")                                            \
  X(KJ_EFILE, 4, "file cannot be read or written")                             \
  X(KJ_EFORMAT, 5, "malformed content")                                        \
  X(KJ_EDATA, 6, "data cannot be used")                                        \
  X(KJ_EMODEL, 7, "bad model file")                                            \
  X(KJ_ETRAINING, 8, "training failed")                                        \
  X(KJ_EINTERRUPTED, 9, "interrupted")                                         \
  X(KJ_ETOOSHORT, 10, "recording too short")

typedef enum kj_status {
#define KJ_STATUS_ENUM(name, number, text) name = number,
  KJ_STATUS_LIST(KJ_STATUS_ENUM)
#undef KJ_STATUS_ENUM
} kj_status;

/** What went wrong: a status and one sentence, without a final newline. */
typedef struct kj_error {
  kj_status status;
  char message[512]; /* UTF-8, zero-terminated, cut where it is longer */
} kj_error;

/**
 * Give the short English text of a status.
 *
 * @param[in] status  any value; an unknown one gives "unknown status".
 * @return a string that lives as long as the program.
 *
 * Memory: allocates nothing.  Threads: any number.
 */
const char *kj_status_text(kj_status status);

#ifdef __cplusplus
}
#endif
#endif
