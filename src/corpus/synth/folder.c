/*
 * folder.c: made, and unmade by the names that the plan gives: nothing else is
 * ever removed.
 */
#define _GNU_SOURCE
#include "corpus/synth/folder.h"

#include "base/error.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDER_MODE = 0777, LONGEST_WITHIN = 256 };

static const char *const TABLES[] = {"labels.csv", "truth.csv"};

kj__synth_path kj__synth_path_of(const kj__synth_folder *folder,
                                 const char *name)
{
  kj__synth_path path;
  snprintf(path.text, sizeof path.text, "%s/%s", folder->name, name);
  return path;
}

kj__synth_path kj__synth_path_of_part(const kj__synth_folder *folder,
                                      const kj__synth_part *part,
                                      const char *name)
{
  kj__synth_path path;
  snprintf(path.text, sizeof path.text, "%s/%s/%s", folder->name,
           part->language->code, name);
  return path;
}

kj__synth_path kj__synth_path_of_sound(const kj__synth_folder *folder,
                                       const kj__synth_part *part,
                                       const kj__synth_utterance *utterance)
{
  kj__synth_path path;
  snprintf(path.text, sizeof path.text, "%s/%s/audio/%s.wav", folder->name,
           part->language->code, utterance->name);
  return path;
}

static kj_status make(const char *path, kj_error *err)
{
  if (mkdir(path, FOLDER_MODE) != 0)
    return kj__fail(err, KJ_EFILE, "%s: cannot be made: %s", path,
                    strerror(errno));
  return KJ_OK;
}

/* The folder was there before: is nothing in it? */
static kj_status check_empty(const char *path, kj_error *err)
{
  kj_status status = KJ_OK;
  DIR *folder = opendir(path);
  if (!folder)
    return kj__fail(err, KJ_EFILE, "%s: %s", path, strerror(errno));
  for (struct dirent *entry = readdir(folder); entry && status == KJ_OK;
       entry = readdir(folder))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      status = kj__fail(err, KJ_EFILE,
                        "%s: holds %s; must be a new or an empty folder", path,
                        entry->d_name);
  closedir(folder);
  return status;
}

kj_status kj__synth_folder_make(kj__synth_folder *folder, const char *name,
                                const kj__synth_plan *plan, kj_error *err)
{
  if (strlen(name) + LONGEST_WITHIN > KJ__SYNTH_PATH_SIZE)
    return kj__fail(err, KJ_EARGUMENT,
                    "folder: its name has %zu bytes; must be at most %d",
                    strlen(name), KJ__SYNTH_PATH_SIZE - LONGEST_WITHIN);
  *folder = (kj__synth_folder){name, mkdir(name, FOLDER_MODE) == 0};
  if (!folder->is_ours && errno != EEXIST)
    return kj__fail(err, KJ_EFILE, "%s: cannot be made: %s", name,
                    strerror(errno));
  kj_status status = folder->is_ours ? KJ_OK : check_empty(name, err);
  if (status != KJ_OK)
    return status;
  for (size_t p = 0; p < plan->n_parts && status == KJ_OK; p++) {
    const kj__synth_part *part = &plan->part[p];
    status = make(kj__synth_path_of(folder, part->language->code).text, err);
    if (status == KJ_OK)
      status = make(kj__synth_path_of_part(folder, part, "audio").text, err);
  }
  if (status != KJ_OK)
    kj__synth_folder_remove(folder, plan);
  return status;
}

void kj__synth_folder_remove(const kj__synth_folder *folder,
                             const kj__synth_plan *plan)
{
  unlink(kj__synth_path_of(folder, "README.md").text);
  for (size_t p = 0; p < plan->n_parts; p++) {
    const kj__synth_part *part = &plan->part[p];
    for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++)
      unlink(kj__synth_path_of_part(folder, part, TABLES[t]).text);
    for (size_t i = 0; i < part->n_utterances; i++)
      unlink(kj__synth_path_of_sound(folder, part, &part->utterance[i]).text);
    rmdir(kj__synth_path_of_part(folder, part, "audio").text);
    rmdir(kj__synth_path_of(folder, part->language->code).text);
  }
  if (folder->is_ours)
    rmdir(folder->name);
}
