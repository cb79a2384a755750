/*
 * wanted_set.c: the feature set that a model wants, as this library makes it.
 */
#include "kanjo/model.h"

#include "base/error.h"

kj_status kj_model_find_set(const kj_model *model, const kj_feature_set **set,
                            kj_error *err)
{
  const kj_model_card *card = kj_model_get_card(model);
  const kj_feature_set *found = kj_feature_set_find(card->feature_set);
  if (found && found->version != card->feature_set_version)
    return kj__fail(err, KJ_EMODEL,
                    "metadata: feature_set_version: is \"%u\"; must be %u, the "
                    "version of %s in this program",
                    card->feature_set_version, found->version, found->name);
  *set = found;
  return KJ_OK;
}
