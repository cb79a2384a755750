/* default_model.h: the model that is used where none is named. */
#ifndef KJ_CLI_DEFAULT_MODEL_H
#define KJ_CLI_DEFAULT_MODEL_H

#include "kanjo/status.h"

/* The path of the default model, malloc'ed: $KANJO_MODEL, else
 * share/kanjo/default.safetensors beside the program's bin folder (as
 * installed) or beside the program (as built). KJ_EFILE if there is none. */
kj_status cli_find_default_model(char **path, kj_error *err);

/* A file or folder of share/kanjo, by its name there; *path NULL where it is
 * not. Caller frees. */
kj_status cli_find_shared(const char *name, char **path, kj_error *err);

#endif
