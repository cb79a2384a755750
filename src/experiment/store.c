/*
 * store.c: cells in an SQLite file.
 *
 * One transaction a cell, in a write-ahead log: whoever is killed loses only
 * what was not committed. Doubles are kept as the bytes they are, so that what
 * is read is what was computed.
 */
#include "kanjo/runs.h"

#include "base/error.h"
#include "base/memory.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum {
  APPLICATION_ID = 0x4b6e6a6f, /* "Knjo", in the file's header */
  STORE_VERSION = 2,           /* 1 had no deviations */
  BUSY_MS = 10000              /* another kanjo may be writing */
};

struct kj_run_store {
  sqlite3 *db;
  char *path;
  bool is_written;
};

static const char CREATE[] =
    "CREATE TABLE cell (key TEXT PRIMARY KEY, version TEXT NOT NULL, "
    "data TEXT NOT NULL, protocol TEXT NOT NULL, name TEXT NOT NULL, "
    "experiment TEXT NOT NULL, fold INTEGER NOT NULL, seed INTEGER NOT NULL, "
    "contender TEXT NOT NULL, settings TEXT NOT NULL, history TEXT NOT NULL, "
    "robustness TEXT NOT NULL, metrics TEXT NOT NULL, rows TEXT NOT NULL, "
    "estimate BLOB NOT NULL, seconds REAL NOT NULL, sd BLOB) WITHOUT ROWID;"
    "CREATE TABLE rows (key TEXT PRIMARY KEY, names TEXT NOT NULL, "
    "truth BLOB NOT NULL) WITHOUT ROWID;";

static const char SELECT[] =
    "SELECT key, version, data, protocol, name, experiment, contender, "
    "settings, history, robustness, metrics, rows, fold, seed, estimate, "
    "seconds, sd FROM cell WHERE key >= ?1 AND substr(key, 1, length(?1)) = ?1 "
    "ORDER BY key";

static kj_status fail(const kj_run_store *store, kj_error *err)
{
  const int code = sqlite3_errcode(store->db);
  const kj_status status = code == SQLITE_NOTADB || code == SQLITE_CORRUPT
                               ? KJ_EFORMAT
                           : code == SQLITE_NOMEM ? KJ_EMEMORY
                                                  : KJ_EFILE;
  return kj__fail(err, status, "%s: %s", store->path,
                  sqlite3_errmsg(store->db));
}

static kj_status execute(kj_run_store *store, const char *sql, kj_error *err)
{
  return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK
             ? KJ_OK
             : fail(store, err);
}

static kj_status prepare(kj_run_store *store, const char *sql,
                         sqlite3_stmt **statement, kj_error *err)
{
  return sqlite3_prepare_v2(store->db, sql, -1, statement, NULL) == SQLITE_OK
             ? KJ_OK
             : fail(store, err);
}

/* The number that a PRAGMA gives. */
static kj_status read_number(kj_run_store *store, const char *sql, int *number,
                             kj_error *err)
{
  sqlite3_stmt *statement = NULL;
  kj_status status = prepare(store, sql, &statement, err);
  if (status == KJ_OK && sqlite3_step(statement) != SQLITE_ROW)
    status = fail(store, err);
  if (status == KJ_OK)
    *number = sqlite3_column_int(statement, 0);
  sqlite3_finalize(statement);
  return status;
}

static kj_status create_tables(kj_run_store *store, kj_error *err)
{
  char sql[sizeof CREATE + 160];
  snprintf(sql, sizeof sql,
           "BEGIN IMMEDIATE;PRAGMA application_id = %d;"
           "PRAGMA user_version = %d;%sCOMMIT;",
           APPLICATION_ID, STORE_VERSION, CREATE);
  return execute(store, sql, err);
}

/* An empty file becomes a store; any other must be one. */
static kj_status check(kj_run_store *store, bool is_written, kj_error *err)
{
  int id = 0, version = 0, n_tables = 0;
  kj_status status = read_number(store, "PRAGMA application_id", &id, err);
  if (status == KJ_OK)
    status = read_number(store, "PRAGMA user_version", &version, err);
  if (status == KJ_OK)
    status = read_number(store, "SELECT count(*) FROM sqlite_master", &n_tables,
                         err);
  if (status != KJ_OK)
    return status;
  if (n_tables == 0 && id == 0 && is_written)
    return create_tables(store, err);
  if (id != APPLICATION_ID)
    return kj__fail(err, KJ_EFORMAT, "%s: no store of runs", store->path);
  if (version != STORE_VERSION)
    return kj__fail(err, KJ_EFORMAT,
                    "%s: a store of version %d; this program has %d",
                    store->path, version, STORE_VERSION);
  return KJ_OK;
}

kj_status kj_run_store_open(const char *path, bool is_written,
                            kj_run_store **out, kj_error *err)
{
  const int flags = is_written ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                               : SQLITE_OPEN_READONLY;
  kj_run_store *store = kj__allocate(NULL, 1, sizeof *store);
  if (!store)
    return kj__fail_memory(err, path);
  store->path = kj__copy_text(path);
  kj_status status = store->path ? KJ_OK : kj__fail_memory(err, path);
  if (status == KJ_OK &&
      sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
    status = store->db ? fail(store, err) : kj__fail_memory(err, path);
  if (status == KJ_OK) {
    sqlite3_busy_timeout(store->db, BUSY_MS);
    status = check(store, is_written, err);
  }
  if (status == KJ_OK && is_written)
    status = execute(
        store, "PRAGMA journal_mode = WAL;PRAGMA synchronous = NORMAL", err);
  store->is_written = status == KJ_OK && is_written;
  if (status != KJ_OK) {
    kj_run_store_close(store);
    return status;
  }
  *out = store;
  return KJ_OK;
}

void kj_run_store_close(kj_run_store *store)
{
  if (!store)
    return;
  if (store->is_written) /* one plain file, to be read from any medium */
    execute(store, "PRAGMA journal_mode = DELETE", NULL);
  sqlite3_close(store->db);
  kj__release(NULL, store->path);
  kj__release(NULL, store);
}

kj_status kj_run_store_has(kj_run_store *store, const char *key, bool *has,
                           kj_error *err)
{
  sqlite3_stmt *statement = NULL;
  kj_status status =
      prepare(store, "SELECT 1 FROM cell WHERE key = ?1", &statement, err);
  if (status == KJ_OK) {
    sqlite3_bind_text(statement, 1, key, -1, SQLITE_STATIC);
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      status = fail(store, err);
    else
      *has = code == SQLITE_ROW;
  }
  sqlite3_finalize(statement);
  return status;
}

static kj_status finish_step(kj_run_store *store, sqlite3_stmt *statement,
                             kj_error *err)
{
  const int code = sqlite3_step(statement);
  const kj_status status = code == SQLITE_DONE ? KJ_OK : fail(store, err);
  sqlite3_finalize(statement);
  return status;
}

static kj_status insert_rows(kj_run_store *store, const kj_run_rows *rows,
                             kj_error *err)
{
  sqlite3_stmt *s = NULL;
  const kj_status status =
      prepare(store, "INSERT OR IGNORE INTO rows VALUES (?1, ?2, ?3)", &s, err);
  if (status != KJ_OK)
    return status;
  sqlite3_bind_text(s, 1, rows->key, -1, SQLITE_STATIC);
  sqlite3_bind_text(s, 2, rows->names, -1, SQLITE_STATIC);
  sqlite3_bind_blob64(s, 3, rows->truth, rows->n_truths * sizeof(double),
                      SQLITE_STATIC);
  return finish_step(store, s, err);
}

static kj_status insert_cell(kj_run_store *store, const kj_run_record *r,
                             kj_error *err)
{
  const char *const before[] = {r->key,      r->version, r->data,
                                r->protocol, r->name,    r->experiment};
  const char *const after[] = {r->contender,  r->settings, r->history,
                               r->robustness, r->metrics,  r->rows};
  sqlite3_stmt *s = NULL;
  const kj_status status =
      prepare(store,
              "INSERT OR IGNORE INTO cell VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, "
              "?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
              &s, err);
  if (status != KJ_OK)
    return status;
  for (int i = 0; i < 6; i++) {
    sqlite3_bind_text(s, 1 + i, before[i], -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 9 + i, after[i], -1, SQLITE_STATIC);
  }
  sqlite3_bind_int64(s, 7, (sqlite3_int64)r->fold);
  sqlite3_bind_int64(s, 8, (sqlite3_int64)r->seed);
  sqlite3_bind_blob64(s, 15, r->estimate, r->n_estimates * sizeof(double),
                      SQLITE_STATIC);
  sqlite3_bind_double(s, 16, r->seconds);
  if (r->sd)
    sqlite3_bind_blob64(s, 17, r->sd, r->n_estimates * sizeof(double),
                        SQLITE_STATIC);
  return finish_step(store, s, err);
}

kj_status kj_run_store_add(kj_run_store *store, const kj_run_record *record,
                           const kj_run_rows *rows, kj_error *err)
{
  kj_status status = execute(store, "BEGIN IMMEDIATE", err);
  if (status != KJ_OK)
    return status;
  status = insert_rows(store, rows, err);
  if (status == KJ_OK)
    status = insert_cell(store, record, err);
  if (status == KJ_OK)
    status = execute(store, "COMMIT", err);
  if (status != KJ_OK)
    execute(store, "ROLLBACK", NULL);
  return status;
}

static const char *column_text(sqlite3_stmt *s, int column)
{
  const char *text = (const char *)sqlite3_column_text(s, column);
  return text ? text : "";
}

static kj_run_record read_record(sqlite3_stmt *s)
{
  return (kj_run_record){.key = column_text(s, 0),
                         .version = column_text(s, 1),
                         .data = column_text(s, 2),
                         .protocol = column_text(s, 3),
                         .name = column_text(s, 4),
                         .experiment = column_text(s, 5),
                         .contender = column_text(s, 6),
                         .settings = column_text(s, 7),
                         .history = column_text(s, 8),
                         .robustness = column_text(s, 9),
                         .metrics = column_text(s, 10),
                         .rows = column_text(s, 11),
                         .fold = (size_t)sqlite3_column_int64(s, 12),
                         .seed = (uint64_t)sqlite3_column_int64(s, 13),
                         .n_estimates = (size_t)sqlite3_column_bytes(s, 14) /
                                        sizeof(double),
                         .seconds = sqlite3_column_double(s, 15)};
}

/* A blob's bytes as doubles: SQLite does not promise their alignment. */
static kj_status copy_doubles(sqlite3_stmt *s, int column, double **out,
                              kj_error *err)
{
  const void *bytes = sqlite3_column_blob(s, column);
  const size_t n = (size_t)sqlite3_column_bytes(s, column) / sizeof **out;
  *out = kj__allocate(NULL, n, sizeof **out);
  if (!*out)
    return kj__fail_memory(err, "a record");
  if (n > 0)
    memcpy(*out, bytes, n * sizeof **out);
  return KJ_OK;
}

static kj_status copy_sd(const kj_run_store *store, sqlite3_stmt *s,
                         const kj_run_record *record, double **sd,
                         kj_error *err)
{
  const size_t n = (size_t)sqlite3_column_bytes(s, 16) / sizeof **sd;
  if (n != record->n_estimates)
    return kj__fail(err, KJ_EFORMAT,
                    "%s: cell %.16s: %zu deviations; must be %zu", store->path,
                    record->key, n, record->n_estimates);
  return copy_doubles(s, 16, sd, err);
}

kj_status kj_run_store_visit(kj_run_store *store, const char *prefix,
                             kj_status (*visit)(void *context,
                                                const kj_run_record *record,
                                                kj_error *err),
                             void *context, kj_error *err)
{
  sqlite3_stmt *s = NULL;
  kj_status status = prepare(store, SELECT, &s, err);
  if (status != KJ_OK)
    return status;
  sqlite3_bind_text(s, 1, prefix, -1, SQLITE_STATIC);
  int code = SQLITE_DONE;
  while (status == KJ_OK && (code = sqlite3_step(s)) == SQLITE_ROW) {
    kj_run_record record = read_record(s);
    double *estimate = NULL, *sd = NULL;
    status = copy_doubles(s, 14, &estimate, err);
    if (status == KJ_OK && sqlite3_column_type(s, 16) == SQLITE_BLOB)
      status = copy_sd(store, s, &record, &sd, err);
    record.estimate = estimate;
    record.sd = sd;
    if (status == KJ_OK)
      status = visit(context, &record, err);
    kj__release(NULL, estimate);
    kj__release(NULL, sd);
  }
  if (status == KJ_OK && code != SQLITE_DONE)
    status = fail(store, err);
  sqlite3_finalize(s);
  return status;
}

kj_status kj_run_store_rows(kj_run_store *store, const char *key,
                            kj_status (*visit)(void *context,
                                               const kj_run_rows *rows,
                                               kj_error *err),
                            void *context, kj_error *err)
{
  sqlite3_stmt *s = NULL;
  double *truth = NULL;
  kj_status status = prepare(
      store, "SELECT key, names, truth FROM rows WHERE key = ?1", &s, err);
  if (status != KJ_OK)
    return status;
  sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
  const int code = sqlite3_step(s);
  if (code == SQLITE_DONE)
    status = kj__fail(err, KJ_EDATA, "%s: no rows '%.16s'", store->path, key);
  else if (code != SQLITE_ROW)
    status = fail(store, err);
  if (status == KJ_OK)
    status = copy_doubles(s, 2, &truth, err);
  if (status == KJ_OK) {
    const kj_run_rows rows = {.key = column_text(s, 0),
                              .names = column_text(s, 1),
                              .truth = truth,
                              .n_truths = (size_t)sqlite3_column_bytes(s, 2) /
                                          sizeof(double)};
    status = visit(context, &rows, err);
  }
  kj__release(NULL, truth);
  sqlite3_finalize(s);
  return status;
}
