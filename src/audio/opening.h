/*
 * opening.h: libsndfile opens one file at a time.
 *
 * While it opens a file, libsndfile keeps what went wrong in variables of the
 * whole process, and sf_strerror(NULL) reads them. So whoever opens a file
 * holds this lock until a failure's text has been copied.
 */
#ifndef KJ_AUDIO_OPENING_H
#define KJ_AUDIO_OPENING_H

void kj__opening_lock(void);
void kj__opening_unlock(void);

#endif
