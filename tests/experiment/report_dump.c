/*
 * report_dump.c: the report of a file of results.
 *     experiment_report_dump RESULTS.json FOLDER
 * Exit code: the status; the message on standard error.
 */
#include "kanjo/report.h"

#include <jansson.h>
#include <stdio.h>

int main(int argc, char **argv)
{
  json_error_t where;
  kj_error err = {0};
  if (argc != 3)
    return 100;
  json_t *results = json_load_file(argv[1], 0, &where);
  if (!results) {
    fprintf(stderr, "%s\n", where.text);
    return 101;
  }
  const kj_status status = kj_report_write(results, argv[2], &err);
  if (status != KJ_OK)
    fprintf(stderr, "%s\n", err.message);
  json_decref(results);
  return (int)status;
}
