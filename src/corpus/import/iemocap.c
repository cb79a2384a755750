/*
 * iemocap.c: IEMOCAP (Busso et al., 2008), IEMOCAP_full_release/.
 */
#include "corpus/import/import.h"

kj_status kj__import_iemocap(kj__import *import, kj_error *err)
{
  return kj__import_refuse(import, err,
                           "no Session1/dialog/EmoEvaluation/*.txt");
}
